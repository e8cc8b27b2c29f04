"""Graders: their table, checks in a child process, and verdicts."""
