"""Runs in the window: what was carried out, what came of it, and suites made and changed."""
