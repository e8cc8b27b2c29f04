"""Similarity of two texts by edit distance."""

from __future__ import annotations

QUICK = 1 << 26
"""Number of character pairs that are compared within some tens of milliseconds."""


def is_quick(a: str, b: str) -> bool:
    """Whether two texts are short enough to be compared quickly."""
    return len(a) * len(b) <= QUICK


def share_of(a: str, b: str) -> float:
    """Return the normalized Levenshtein similarity from 0 to 1."""
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(a, b))
