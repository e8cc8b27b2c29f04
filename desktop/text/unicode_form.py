"""Unicode normalization in linear time, for texts whose accents are written in different ways; pure."""

from __future__ import annotations

import unicodedata
from typing import Literal

_PIECE, _LONGEST = 1_000, 2_000
"""Characters that are normalized at once: the library is quadratic in a run of marks, and models may repeat marks."""

_JAMO = range(0x1160, 0x1200)
"""Korean vowels and final consonants, which combine with the character before them but are no marks."""


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Normalize a text. Only thousands of marks on one letter may stay as they are."""
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
    """Return the end of a piece: before a character that combines with none before it, if there is one soon."""
    for end in range(start + _PIECE, min(start + _LONGEST, len(text))):
        if not _joins(text[end]):
            return end
    return min(start + _LONGEST, len(text))


def _joins(character: str) -> bool:
    """Whether a character, or its decomposition's first, may combine with the character before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first).startswith("M") or ord(first) in _JAMO
