"""The database of conversations."""
