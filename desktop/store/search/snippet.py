"""The snippet round a hit, and where in it the words stand that were sought; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from desktop.late_pattern import late_pattern
from desktop.store import letter_folds

_BLOCK = 4096  # characters folded at a time when a snippet is sought
_SOUGHT = 200_000  # characters of a message in which a snippet is sought
_PIECE = late_pattern(rf"{letter_folds.TOGETHER}|[\x00-\x7f]+(?!·)|.", re.DOTALL)
"""Characters that are compared together, ASCII as far as it goes, or one character."""

_MOST_MARKED = 20  # words of a search that are marked in a snippet

Marked = tuple[str, ...]
"""What one word of a search may be written as, folded: the first that a text has is marked."""


def excerpt(text: str, sought: Sequence[Marked], width: int = 120) -> tuple[str, tuple[tuple[int, int], ...]]:
    """About `width` characters round the first of the words sought, on one line; … where text was cut.

    With it the places (start, end) in it where words that were sought begin and end.
    """
    patterns = [_patterns(each) for each in sought[:_MOST_MARKED]]
    at = _position(text, patterns)
    start = max(0, at - width // 3)
    if start:
        space = text.find(" ", start, at)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + width)
    if end < len(text):
        space = text.rfind(" ", at + width // 3, end)
        end = space if space > 0 else end
    middle = " ".join(text[start:end].replace("\0", " ").split())
    shown = f"{'…' if start else ''}{middle}{'…' if end < len(text) else ''}"
    return shown, _marks(shown, patterns)


def _marks(text: str, patterns: Sequence[Sequence[re.Pattern[str]]]) -> tuple[tuple[int, int], ...]:
    folded, offsets = _bare(text)
    ends = [*offsets, len(text)]
    places: set[tuple[int, int]] = set()
    for word in patterns:
        found = ([*pattern.finditer(folded)] for pattern in word)
        hits = next((each for each in found if each), list[re.Match[str]]())
        places |= {(offsets[hit.start()], ends[hit.end() - 1] + 1) for hit in hits}
    marks: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if marks and start <= marks[-1][1]:
            marks[-1] = marks[-1][0], max(end, marks[-1][1])
        else:
            marks.append((start, end))
    return tuple(marks)


def _position(text: str, patterns: Sequence[Sequence[re.Pattern[str]]]) -> int:
    """Where the first word that is found begins, 0 where none is."""
    ordered = [
        word[place] for place in range(max(map(len, patterns), default=0)) for word in patterns if place < len(word)
    ]
    for start in range(0, min(len(text), _SOUGHT), _BLOCK):
        folded, offsets = _bare(text[start : start + _BLOCK + 100])
        for pattern in ordered:
            hit = pattern.search(folded)
            if hit is not None:
                return start + offsets[hit.start()]
    return 0


@lru_cache(4 * _MOST_MARKED)
def _patterns(marked: Marked) -> tuple[re.Pattern[str], ...]:
    """A word where a word begins, and anywhere, then what it looks like; spaces in it are any white space."""
    bodies = [r"\s+".join(map(re.escape, word.split())) for word in marked]
    return tuple(re.compile(pattern) for body in bodies if body for pattern in (rf"(?<!\w){body}", body))


def _bare(text: str) -> tuple[str, Sequence[int]]:
    """Text as the index compares it, letter by letter, and where each of its characters stood."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    offsets: list[int] = []
    for match in _PIECE.finditer(text):
        piece, start = match[0], match.start()
        if piece.isascii():
            folded.append(piece.lower())
            offsets += range(start, start + len(piece))
            continue
        bare = _letters(piece)
        folded.append(bare)
        offsets += [start] * len(bare)
    return "".join(folded), offsets


@lru_cache(4096)
def _letters(piece: str) -> str:
    """What stands for one character, or for those that are compared together."""
    if len(piece) > 1:
        return letter_folds.folded_together(piece)
    return letter_folds.folded(unicodedata.normalize("NFKC", piece).casefold())
