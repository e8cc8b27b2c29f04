"""Formats of other programs, and our own, as conversations: one module a format, each pure."""
