"""Panes side by side: their layout, shared prompts, and the comparison they form."""
