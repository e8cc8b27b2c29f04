"""Tests of desktop.runs.importers."""
