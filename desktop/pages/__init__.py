"""Messages as Markdown and HTML that are safe to open elsewhere: what exports and reports share."""
