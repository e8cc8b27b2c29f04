"""The share of two texts that is the same, by a library's edit distance."""

from __future__ import annotations

QUICK = 1 << 26
"""Pairs of characters that are compared in a moment: some tens of milliseconds."""


def is_quick(a: str, b: str) -> bool:
    """Whether two texts are compared in a moment."""
    return len(a) * len(b) <= QUICK


def share_of(a: str, b: str) -> float:
    """From 0, nothing alike, to 1, the same: 1 less the edits that make one of the other by the longer one's length."""
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(a, b))
