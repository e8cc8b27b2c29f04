"""Tests of desktop/evals/batch."""
