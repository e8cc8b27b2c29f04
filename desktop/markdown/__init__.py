"""Incremental Markdown parser that yields closed blocks and an open tail. Pure functions."""
