"""Evaluation runs: suites of prompts sent to several models, graded, summarized and reported."""
