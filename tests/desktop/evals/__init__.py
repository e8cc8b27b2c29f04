"""Tests of desktop/evals."""
