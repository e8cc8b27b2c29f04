"""Growing Markdown to closed blocks and an open tail; pure."""
