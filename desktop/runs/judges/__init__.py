"""Judges: models that grade answers, or choose between two, and what is known of how far they can be trusted."""
