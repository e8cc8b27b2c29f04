"""Execution of a run: plan, calls, cost cap, cells and results."""
