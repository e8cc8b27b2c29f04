"""Figures of responses, differences between them, latency, distance and agreement."""
