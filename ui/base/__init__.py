"""Shared foundations of the window: theme, strings, icons, tasks, commands and model facts."""
