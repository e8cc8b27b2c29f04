"""Tests of desktop/store/records."""
