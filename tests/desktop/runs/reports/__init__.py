"""Tests of desktop.runs.reports."""
