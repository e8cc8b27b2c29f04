"""Tests of ui.compare."""
