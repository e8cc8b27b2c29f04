"""Blind votes and the ranking that comes of them."""
