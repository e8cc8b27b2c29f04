"""Attached files, in a database of their own."""
