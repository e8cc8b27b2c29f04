"""Incremental Markdown parser: closed blocks and an open tail; pure."""
