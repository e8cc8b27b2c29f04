"""Runs whose prompts go to a Batch API: in files, at half the price, answered within a day."""
