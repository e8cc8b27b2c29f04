"""Conversations by model, and the search over them."""
