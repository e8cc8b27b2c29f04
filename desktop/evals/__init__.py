"""Evaluation runs: suites of prompts sent to many models, graded, counted and reported."""
