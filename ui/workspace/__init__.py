"""Panes side by side: how they lie, what they are sent together, and the comparison that they make."""
