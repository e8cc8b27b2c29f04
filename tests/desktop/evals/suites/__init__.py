"""Tests of desktop/evals/suites."""
