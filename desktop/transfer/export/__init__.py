"""Exports: JSON, Markdown, HTML, PDF and DOCX, written whole or not at all."""
