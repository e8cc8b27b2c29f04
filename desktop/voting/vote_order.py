"""An order of answers with ties, changed step by step: by ranks, 0 for the best, without gaps; pure."""

from __future__ import annotations

from collections.abc import Sequence

Ranks = tuple[int, ...]
Groups = tuple[tuple[int, ...], ...]
"""Places of answers, the best ones first; those of a group are equal."""


def groups_of(ranks: Sequence[int]) -> Groups:
    """The places by their ranks."""
    return tuple(tuple(place for place, at in enumerate(ranks) if at == rank) for rank in sorted({*ranks}))


def better(ranks: Sequence[int], place: int) -> Ranks:
    """An answer half a step up: out of its tie, else into a tie with those before it; the best one stays."""
    return _stepped(ranks, place, -1)


def worse(ranks: Sequence[int], place: int) -> Ranks:
    """An answer half a step down."""
    return _stepped(ranks, place, 1)


def tied(ranks: Sequence[int], place: int, other: int) -> Ranks:
    """An answer as good as another one."""
    values = [float(each) for each in ranks]
    values[place] = values[other]
    return _without_gaps(values)


def beside(ranks: Sequence[int], place: int, other: int, *, after: bool) -> Ranks:
    """An answer just better than another one and all that are as good, or just worse."""
    values = [float(each) for each in ranks]
    values[place] = ranks[other] + (0.5 if after else -0.5)
    return _without_gaps(values)


def _stepped(ranks: Sequence[int], place: int, by: int) -> Ranks:
    values = [float(each) for each in ranks]
    alone = ranks.count(ranks[place]) == 1
    values[place] += by if alone else by / 2
    if alone and values[place] not in values[:place] + values[place + 1 :]:
        return tuple(ranks)  # there is none beyond it
    return _without_gaps(values)


def _without_gaps(values: Sequence[float]) -> Ranks:
    steps = {value: rank for rank, value in enumerate(sorted({*values}))}
    return tuple(steps[value] for value in values)
