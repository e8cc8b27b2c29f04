"""Conversations with models: their state, journal and figures, and the history that fits the context window."""
