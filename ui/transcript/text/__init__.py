"""Text as it is laid out and painted: documents, formats, code, tables, formulas."""
