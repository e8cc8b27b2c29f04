"""Tests of desktop/metrics."""
