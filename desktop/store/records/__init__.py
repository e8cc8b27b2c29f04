"""Rows of the database: values to rows and back, inserts, selects, and the text of the index."""
