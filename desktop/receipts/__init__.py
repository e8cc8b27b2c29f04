"""Receipts: requests sent for responses and facts returned with them, without keys."""
