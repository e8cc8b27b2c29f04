"""What of a list fits typed letters best: beginnings of words before letters in between; pure."""

from __future__ import annotations

from collections.abc import Sequence

_NONE = 1 << 30
_MOST = 300
"""Characters of what was typed that count: a page may be pasted."""

_WIDE = 2
"""Letters within which one of those that were typed is sought."""


def ranked(typed: str, names: Sequence[str]) -> list[int]:
    """The places of the names that fit, best first, those that fit alike in their order. All of them for nothing."""
    parts = [*dict.fromkeys(typed.lstrip()[:_MOST].casefold().split())]
    if not parts:
        return [*range(len(names))]
    costs = [(_cost(parts, name.casefold()), place) for place, name in enumerate(names)]
    return [place for cost, place in sorted(costs) if cost < _NONE]


def _cost(parts: Sequence[str], name: str) -> int:
    """How far a name is from what was typed; all parts must fit."""
    return sum(_part_cost(part, name) for part in parts)


def _part_cost(part: str, name: str) -> int:
    at = name.find(part)
    if at == 0:
        return 0
    if f" {part}" in name:
        return 1
    if at > 0:
        return 3
    return 5 if _in_order(part, name) else _NONE


def _in_order(part: str, name: str) -> bool:
    """Whether the letters come in this order, the first at the beginning of a word, within as few as twice as many."""
    starts = [0, *(place + 1 for place, char in enumerate(name) if char == " ")]
    return any(_follows(part, name[start:]) for start in starts if name[start : start + 1] == part[0])


def _follows(part: str, text: str) -> bool:
    """Or each of them begins a word: letters far apart, as any long title has them, were meant by nobody."""
    words = iter(word[:1] for word in text.split())
    letters = iter(text[: len(part) * _WIDE])
    return all(letter in letters for letter in part) or all(letter in words for letter in part)
