"""Tests of desktop/redaction."""
