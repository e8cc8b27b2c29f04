"""Runs and suites in the window: the list, results, and forms that create and edit suites."""
