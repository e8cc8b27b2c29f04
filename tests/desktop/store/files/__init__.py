"""Tests of desktop/store/files."""
