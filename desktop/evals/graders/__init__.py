"""Tests of evals/graders."""
