"""Tests of desktop.runs.judges."""
