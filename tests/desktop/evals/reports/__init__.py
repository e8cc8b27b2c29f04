"""Tests of desktop/evals/reports."""
