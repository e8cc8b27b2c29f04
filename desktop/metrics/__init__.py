"""Figures of responses: differences, latency, distance, agreement and cost."""
