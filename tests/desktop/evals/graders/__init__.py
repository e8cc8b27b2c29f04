"""Tests of desktop/evals/graders."""
