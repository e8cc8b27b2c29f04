"""Panes side by side: their layout, the prompts they share, and the comparison they form."""
