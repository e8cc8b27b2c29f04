"""Texts in one form of Unicode, whichever way an accent is written; in a time that grows with the text; pure."""

from __future__ import annotations

import unicodedata
from typing import Literal

_PIECE, _LONGEST = 1_000, 2_000
"""Characters that are composed at once: the library takes the square of a run of marks, and models may repeat these."""

_JAMO = range(0x1160, 0x1200)
"""Vowels and last consonants of Korean, which join what stands before them and are no marks."""


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """A text in a form. Only marks without end, some thousand on one letter, may stay as they are."""
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
    """Where a piece ends: before a character that joins none before it, if there is one soon."""
    for end in range(start + _PIECE, min(start + _LONGEST, len(text))):
        if not _joins(text[end]):
            return end
    return min(start + _LONGEST, len(text))


def _joins(character: str) -> bool:
    """Whether a character, or what it begins with in its plain form, may be one with the character before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first).startswith("M") or ord(first) in _JAMO
