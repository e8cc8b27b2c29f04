"""Receipts: requests as sent for responses, and the metadata returned with them, without keys."""
