"""Importers: test sets of other programs as suites, with a report of what was taken, changed and refused."""
