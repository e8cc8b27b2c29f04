"""Tests of desktop/evals/importers."""
