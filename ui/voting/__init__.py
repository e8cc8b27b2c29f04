"""Blind votes and the ranking they produce."""
