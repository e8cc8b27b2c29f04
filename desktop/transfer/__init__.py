"""Conversations to and from other formats, one module a format."""
