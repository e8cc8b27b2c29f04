"""Exports as JSON, Markdown, HTML, PDF and DOCX, each written atomically."""
