"""Keys told by their letters and digits alone: whatever was put between them, or how their letters are drawn; pure."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from desktop.text.late_pattern import late_pattern

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


class _Place(NamedTuple):
    """What stands around some letters of a secret, and how many that follow each other are looked for."""

    before: str
    after: str
    length: int


_Begins = dict[str, frozenset[_Place]]


class _Parts(NamedTuple):
    """What of secrets is looked for: letters at intervals with what is around them, and all short pieces of them."""

    begins: _Begins
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


@functools.lru_cache(maxsize=8)
def _parts(secrets: frozenset[str]) -> _Parts:
    pieces: set[str] = set()
    found: dict[str, set[_Place]] = {}
    for secret in secrets:
        letters, _ = _skeleton(secret)
        if len(letters) < _SHORTEST:
            continue
        _note_places(found, letters, max(_LEAST, min(len(letters) // 2, _MOST)), _LEAST)
        pieces.update(letters[start : start + _PIECE] for start in range(len(letters) - _PIECE + 1))
    return _Parts({begin: frozenset(places) for begin, places in found.items()}, frozenset(pieces))


@functools.lru_cache(maxsize=8)
def _alone(secrets: frozenset[str]) -> _Begins:
    """What is looked for where each letter stands alone: so even a short secret is seen, if whole."""
    found: dict[str, set[_Place]] = {}
    for secret in secrets:
        letters, _ = _skeleton(secret)
        length = len(letters) if len(letters) < _SHORTEST else max(_LEAST, min(len(letters) // 2, _MOST))
        if length >= LEAST_ALONE:
            _note_places(found, letters, length, LEAST_ALONE)
    return {begin: frozenset(places) for begin, places in found.items()}


def _note_places(found: dict[str, set[_Place]], letters: str, length: int, size: int) -> None:
    """Note so many letters at such intervals that any `length` of the secret hold one of them whole.

    Tokens have thousands of letters: to note each place of each would take gigabytes.
    """
    for start in range(0, len(letters) - size + 1, length - size + 1):
        end = start + size
        place = _Place(letters[max(end - length, 0) : start], letters[end : start + length], length)
        found.setdefault(letters[start:end], set()).add(place)


def _runs(letters: str, wanted: _Begins, least: int) -> list[tuple[int, int]]:
    """Where letters stand that are parts of secrets; parts that overlap are told as they are."""
    found: list[tuple[int, int]] = []
    for start in range(len(letters) - least + 1):
        for place in wanted.get(letters[start : start + least], ()):
            end = start + least
            before = letters[max(start - len(place.before), 0) : start]
            first = start - alike(before[::-1], place.before[::-1])
            last = end + alike(letters[end : end + len(place.after)], place.after)
            if last - first >= place.length:
                found.append((first, last))
    return found


def alike(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    if one == other:
        return len(one)
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (this, that) in pairs if this != that), min(len(one), len(other)))
