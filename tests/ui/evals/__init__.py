"""Tests of ui/evals."""
