"""Runs: suites of prompts carried out with many models, graded, counted and reported."""
