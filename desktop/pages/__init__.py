"""Messages as Markdown and HTML that are safe to open elsewhere, shared by exports and reports."""
