"""Phrases, Unicode normalization, token estimates, limited TOML parsing, and lazily compiled regular expressions."""
