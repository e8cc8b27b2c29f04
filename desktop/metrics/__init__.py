"""Figures calculated from responses: differences, latency, distance, agreement and cost."""
