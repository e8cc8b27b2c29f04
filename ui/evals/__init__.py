"""Runs and suites in the window: the list, results, and forms to make and change suites."""
