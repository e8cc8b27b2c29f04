"""A comparison as one page for those who decide: its answers side by side, with figures, votes and settings."""
