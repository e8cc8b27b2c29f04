"""Phrases, Unicode forms, token estimates, and bounded TOML and regular expressions."""
