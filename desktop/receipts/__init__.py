"""Receipts: what was sent for a response and what came back, without keys."""
