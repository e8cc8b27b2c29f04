"""Suites: files, validation and imports from other programs."""
