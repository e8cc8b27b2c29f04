"""Attached files: decoded in a child process, stored by hash, and converted to forms that models accept."""
