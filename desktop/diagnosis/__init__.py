"""Diagnosis of a machine and its connections, step by step, for the window and the terminal."""
