"""Layout and painting of text: documents, formats, code, tables and formulas."""
