"""Whether the effect of the place and the share of ties have a finite estimate: nothing may lead uphill for ever.

A direction of the parameters never leads down where each outcome that was seen stays the likeliest of its pair, or one
of them. Such directions are found as shortest paths: each outcome bounds the difference of two worths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from desktop.stats.bradley_terry import FitOptions, PairCount, Ties

_NEAR = 1e-9
_MOST_CUTS = 200


class Bound(NamedTuple):
    """The worth of `to` is at most that of `of` + `constant` + `slope` times a parameter that is free."""

    of: int
    to: int
    constant: float
    slope: float = 0.0


def is_unbounded(size: int, counts: Sequence[PairCount], options: FitOptions) -> bool:
    """Whether some direction that moves the effect of the place or nu has no end.

    Directions that move worths alone are for `connectedness.strong_parts` to find.
    """
    ties = any(each.ties for each in counts)
    davidson = options.ties is Ties.DAVIDSON and ties
    for effect, log_nu, free in _directions(position=options.position, davidson=davidson):
        bounds = _bounds(counts, effect, log_nu, free=free, davidson=davidson)
        if options.prior:  # it ends every direction that moves a worth
            bounds = [each._replace(of=0, to=0) for each in bounds]
        if _fit_together(size, bounds):
            return True
    return False


def _directions(*, position: bool, davidson: bool) -> list[tuple[float, float, bool]]:
    """Directions of the effect and of log nu, and whether the effect's is free; no other can be without an end."""
    both = [(1.0, 0.0, False), (-1.0, 0.0, False)] if position else []
    return [*both, (0.0, 1.0, position)] if davidson else both


def _bounds(counts: Sequence[PairCount], effect: float, log_nu: float, *, free: bool, davidson: bool) -> list[Bound]:
    slope = float(free)
    found: list[Bound] = []
    for first, second, won, lost, tied in counts:
        for number, lead in ((won, -2 * log_nu), (tied, 2 * log_nu if davidson else 0.0)):
            if number:
                found.append(Bound(first, second, effect + lead, slope))
        for number, lead in ((lost, -2 * log_nu), (tied, 2 * log_nu if davidson else 0.0)):
            if number:
                found.append(Bound(second, first, -effect + lead, -slope))
    return found


def _fit_together(size: int, bounds: Sequence[Bound]) -> bool:
    """Whether worths and a free parameter keep to all bounds: each circle that cannot be kept cuts the parameter."""
    low, high, at = -math.inf, math.inf, 0.0
    for _ in range(_MOST_CUTS):
        circle = _falling_circle(size, bounds, at)
        if circle is None:
            return True
        constant, slope = sum(each.constant for each in circle), sum(each.slope for each in circle)
        if abs(slope) < _NEAR:
            return False
        at = -constant / slope
        low, high = (max(low, at), high) if slope > 0 else (low, min(high, at))
        if low > high + _NEAR:
            return False
    return False


def _falling_circle(size: int, bounds: Sequence[Bound], at: float) -> list[Bound] | None:
    """Bounds that lead round a circle to less than where they began (Bellman and Ford); None where none do."""
    worths = [0.0] * size
    before: list[Bound | None] = [None] * size
    for _ in range(size + 1):
        moved = False
        for bound in bounds:
            most = worths[bound.of] + bound.constant + bound.slope * at
            if most < worths[bound.to] - _NEAR:
                worths[bound.to], before[bound.to] = most, bound
                moved = True
        if not moved:
            return None
        if (circle := _circle(before)) is not None:
            return circle
    return None


def _circle(before: Sequence[Bound | None]) -> list[Bound] | None:
    """A circle among the bounds that each worth was last lowered by."""
    seen = [0] * len(before)
    for start in range(len(before)):
        place = start
        while not seen[place] and (bound := before[place]) is not None:
            seen[place] = start + 1
            place = bound.of
        if seen[place] == start + 1 and before[place] is not None:
            circle: list[Bound] = []
            end = place
            while (bound := before[place]) is not None:
                circle.append(bound)
                place = bound.of
                if place == end:
                    return circle
    return None
