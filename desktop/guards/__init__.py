"""Checks of a prompt before it is sent: patterns, budget, and the record of what was sent."""
