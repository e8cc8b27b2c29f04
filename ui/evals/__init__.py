"""Runs and suites in the window: list, results, and forms to create and edit suites."""
