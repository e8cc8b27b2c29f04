"""Immutable values of the program: conversations, messages and their parts, events, comparisons."""
