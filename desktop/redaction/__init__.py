"""Redaction of API keys: whole or cut off, and their JSON, percent, HTML and base64 forms."""
