"""Redaction of API keys, complete or truncated, in plain text and in JSON, percent, HTML and base64 encodings."""
