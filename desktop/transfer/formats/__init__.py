"""Formats of other programs: one module a program, and what several of them share."""
