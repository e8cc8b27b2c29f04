"""Tests of desktop/evals/execution."""
