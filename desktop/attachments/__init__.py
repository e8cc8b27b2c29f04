"""Attached files: decoded in a child process, stored by hash, converted to what each model accepts."""
