"""Unicode normalization in linear time, so that differently encoded accents compare equal. Pure functions."""

from __future__ import annotations

import unicodedata
from typing import Literal

_PIECE, _LONGEST = 1_000, 2_000
"""Minimum and maximum characters normalized at once: the library takes quadratic time for long runs of combining marks.
"""

_JAMO = range(0x1160, 0x1200)
"""Korean vowels and final consonants, which combine with the preceding character but are not marks."""


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Normalize a text. Only thousands of combining marks on a single letter may be left unchanged."""
    if text.isascii():
        return text
    if len(text) <= _LONGEST:
        return unicodedata.normalize(form, text)
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = _end(text, start)
        pieces.append(unicodedata.normalize(form, text[start:end]))
        start = end
    return "".join(pieces)


def _end(text: str, start: int) -> int:
    """Return the end of a piece.

    Pieces end before a character that does not combine with the previous one, if possible.
    """
    for end in range(start + _PIECE, min(start + _LONGEST, len(text))):
        if not _joins(text[end]):
            return end
    return min(start + _LONGEST, len(text))


def _joins(character: str) -> bool:
    """Whether a character, or the first one of its decomposition, may combine with the preceding character."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first).startswith("M") or ord(first) in _JAMO
