"""Tests of desktop/text."""
