"""Stepwise changes of a ranking with ties. Ranks start at 0 for the best and have no gaps. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

Ranks = tuple[int, ...]
Groups = tuple[tuple[int, ...], ...]
"""Indexes of responses in groups that tie, the best group first."""


def groups_of(ranks: Sequence[int]) -> Groups:
    """Group the indexes of responses by rank."""
    return tuple(tuple(place for place, at in enumerate(ranks) if at == rank) for rank in sorted({*ranks}))


def better(ranks: Sequence[int], place: int) -> Ranks:
    """Move a response half a step up: out of its tie, or else into the tie above. The best response stays in place."""
    return _stepped(ranks, place, -1)


def worse(ranks: Sequence[int], place: int) -> Ranks:
    """Move a response half a step down: out of its tie, or else into the tie below."""
    return _stepped(ranks, place, 1)


def tied(ranks: Sequence[int], place: int, other: int) -> Ranks:
    """Let a response tie with another one."""
    values = [float(each) for each in ranks]
    values[place] = values[other]
    return _without_gaps(values)


def beside(ranks: Sequence[int], place: int, other: int, *, after: bool) -> Ranks:
    """Place a response directly above or below another response and the ones tied with it."""
    values = [float(each) for each in ranks]
    values[place] = ranks[other] + (0.5 if after else -0.5)
    return _without_gaps(values)


def _stepped(ranks: Sequence[int], place: int, by: int) -> Ranks:
    values = [float(each) for each in ranks]
    alone = ranks.count(ranks[place]) == 1
    values[place] += by if alone else by / 2
    if alone and values[place] not in values[:place] + values[place + 1 :]:
        return tuple(ranks)  # already at the end
    return _without_gaps(values)


def _without_gaps(values: Sequence[float]) -> Ranks:
    steps = {value: rank for rank, value in enumerate(sorted({*values}))}
    return tuple(steps[value] for value in values)
