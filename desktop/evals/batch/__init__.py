"""Tests of evals/batch."""
