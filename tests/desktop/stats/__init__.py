"""Tests of desktop/stats."""
