"""Tests of desktop/reports."""
