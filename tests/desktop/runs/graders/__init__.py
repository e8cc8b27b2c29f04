"""Tests of desktop.runs.graders."""
