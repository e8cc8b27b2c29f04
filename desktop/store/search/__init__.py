"""Searches over the stored messages."""
