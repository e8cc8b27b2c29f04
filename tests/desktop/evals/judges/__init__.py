"""Tests of desktop/evals/judges."""
