"""Tests of desktop.runs."""
