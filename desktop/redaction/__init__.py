"""Hides API keys in text, in every encoding that a server may return them in."""
