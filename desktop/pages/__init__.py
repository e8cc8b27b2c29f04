"""Messages as Markdown and HTML that are safe to open in other programs, shared by exports and reports."""
