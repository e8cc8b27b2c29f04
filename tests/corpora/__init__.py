"""Public corpora, fetched when they are tried: what was tried, what was right, what was wrong."""
