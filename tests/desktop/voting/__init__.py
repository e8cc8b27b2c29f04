"""Tests of desktop.voting."""
