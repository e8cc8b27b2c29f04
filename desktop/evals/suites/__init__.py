"""Suites: their files, fields, checks and imports from other programs."""
