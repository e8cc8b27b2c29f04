"""Conversations in groups, and the search over them."""
