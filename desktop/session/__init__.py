"""Conversations with models: state, journal, figures, and the history that fits the context window."""
