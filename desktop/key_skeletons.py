"""Keys told by their letters and digits alone: whatever was put between them, or how their letters are drawn; pure."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from desktop.late_pattern import late_pattern

_LEAST, _MOST = 12, 24
"""Letters and digits that follow each other as in a key: so many of them, at most half of the key, are a part of it."""

_SHORTEST = 16
"""Letters and digits of a key that can be told so; what has fewer may stand in a sentence by chance."""

LEAST_ALONE = 8
"""Letters of a key that is told one by one: so many do not stand alone by chance."""

_PIECE = _LEAST // 2
"""Letters of a piece: of any `_LEAST` that follow each other so many begin at a multiple of it."""

_LETTER = late_pattern(r"[A-Za-z0-9]")
_OTHER = late_pattern(r"[^A-Za-z0-9]+")
_TAG = late_pattern(r"<[^<>]{1,200}>")


def places(text: str, secrets: Iterable[str]) -> list[tuple[int, int]]:
    """Where parts of long secrets begin and end in a text, whatever stands between their letters: signs, marks, tags.

    Takes time as the text is long, however many secrets there are.
    """
    wanted = _parts(frozenset(secrets))
    if not wanted.begins or len(text) < _LEAST:
        return []
    found = _places(text, wanted)
    if "<" in text:
        kept = [place for start, stop in _between_tags(text) for place in range(start, stop)]
        found += [
            (kept[start], kept[stop - 1] + 1) for start, stop in _places("".join(map(text.__getitem__, kept)), wanted)
        ]
    return found


def places_alone(told: str, secrets: Iterable[str]) -> list[tuple[int, int]]:
    """Where secrets, or parts of long ones, begin and end in letters of which each stood alone."""
    wanted = _alone(frozenset(secrets))
    return _runs(told, wanted, LEAST_ALONE) if wanted else []


class _Parts(NamedTuple):
    """The parts of secrets that are looked for, by the letters that they begin with, and all short pieces of them."""

    begins: dict[str, frozenset[str]]
    pieces: frozenset[str]


def _places(text: str, wanted: _Parts) -> list[tuple[int, int]]:
    """Where parts stand in a text, whatever stands between their letters."""
    if text.isascii():
        letters = _OTHER.sub("", text).lower()
        if not _may_hold(letters, wanted):
            return []
        at = [match.start() for match in _LETTER.finditer(text)]
    else:
        letters, at = _skeleton(text)
        if not _may_hold(letters, wanted):
            return []
    return [(at[start], at[stop - 1] + 1) for start, stop in _runs(letters, wanted.begins, _LEAST)]


def _may_hold(letters: str, wanted: _Parts) -> bool:
    """Whether a part may be in there: of each one a whole piece lies on one of the places that are looked at."""
    steps = range(0, len(letters) - _PIECE + 1, _PIECE)
    return not wanted.pieces.isdisjoint(letters[start : start + _PIECE] for start in steps)


def _between_tags(text: str) -> list[tuple[int, int]]:
    ends = [(match.start(), match.end()) for match in _TAG.finditer(text)]
    starts = [0, *(stop for _, stop in ends)]
    return [*zip(starts, [*(start for start, _ in ends), len(text)], strict=True)]


def _skeleton(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in lower case, without marks, and where each of them stands."""
    if text.isascii():
        return _OTHER.sub("", text).lower(), [match.start() for match in _LETTER.finditer(text)]
    letters: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        bare = character if character.isascii() else unicodedata.normalize("NFKD", character)
        for each in bare:
            if each.isascii() and each.isalnum():
                letters.append(each.lower())
                at.append(place)
    return "".join(letters), at


@functools.lru_cache(maxsize=64)
def _parts(secrets: frozenset[str]) -> _Parts:
    found: dict[str, set[str]] = {}
    pieces: set[str] = set()
    for secret in secrets:
        letters, _ = _skeleton(secret)
        if len(letters) < _SHORTEST:
            continue
        length = max(_LEAST, min(len(letters) // 2, _MOST))
        for start in range(len(letters) - length + 1):
            part = letters[start : start + length]
            found.setdefault(part[:_LEAST], set()).add(part)
        pieces.update(letters[start : start + _PIECE] for start in range(len(letters) - _PIECE + 1))
    return _Parts({begin: frozenset(parts) for begin, parts in found.items()}, frozenset(pieces))


@functools.lru_cache(maxsize=64)
def _alone(secrets: frozenset[str]) -> dict[str, frozenset[str]]:
    """The parts that are looked for where each letter stands alone: so even a short secret is seen, if whole."""
    found: dict[str, set[str]] = {}
    for secret in secrets:
        letters, _ = _skeleton(secret)
        length = len(letters) if len(letters) < _SHORTEST else max(_LEAST, min(len(letters) // 2, _MOST))
        for start in range(len(letters) - length + 1 if length >= LEAST_ALONE else 0):
            part = letters[start : start + length]
            found.setdefault(part[:LEAST_ALONE], set()).add(part)
    return {begin: frozenset(parts) for begin, parts in found.items()}


def _runs(letters: str, wanted: dict[str, frozenset[str]], least: int) -> list[tuple[int, int]]:
    """Where letters stand that are parts of secrets; parts that overlap are told as they are."""
    return [
        (start, start + len(part))
        for start in range(len(letters) - least + 1)
        for part in wanted.get(letters[start : start + least], ())
        if letters.startswith(part, start)
    ]
