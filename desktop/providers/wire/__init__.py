"""Replies of servers as events, model lists and errors, and the interface to the HTTP libraries."""
