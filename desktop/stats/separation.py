"""Checks whether position effect and tie frequency have a finite estimate, by searching for separation.

The likelihood never decreases along a direction in which each observed outcome remains among the most likely for its
pair. Such directions are found as shortest paths, because each outcome bounds the difference of two strengths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from desktop.stats.bradley_terry import FitOptions, PairCount, Ties

_NEAR = 1e-9
_MOST_CUTS = 200


class Bound(NamedTuple):
    """Upper bound for the strength of `to`: the strength of `of` + `constant` + `slope` times a free parameter."""

    of: int
    to: int
    constant: float
    slope: float = 0.0


def is_unbounded(size: int, counts: Sequence[PairCount], options: FitOptions) -> bool:
    """Whether the likelihood is unbounded in a direction that changes the position effect or nu.

    `connectedness.strong_parts` finds directions that only change strengths.
    """
    ties = any(each.ties for each in counts)
    davidson = options.ties is Ties.DAVIDSON and ties
    for effect, log_nu, free in _directions(position=options.position, davidson=davidson):
        bounds = _bounds(counts, effect, log_nu, free=free, davidson=davidson)
        if options.prior:  # the prior bounds every direction that changes a strength
            bounds = [each._replace(of=0, to=0) for each in bounds]
        if _fit_together(size, bounds):
            return True
    return False


def _directions(*, position: bool, davidson: bool) -> list[tuple[float, float, bool]]:
    """Return all candidate directions of effect and log nu, each with whether the effect is free."""
    both = [(1.0, 0.0, False), (-1.0, 0.0, False)] if position else []
    return [*both, (0.0, 1.0, position)] if davidson else both


def _bounds(counts: Sequence[PairCount], effect: float, log_nu: float, *, free: bool, davidson: bool) -> list[Bound]:
    slope = float(free)
    bounds: list[Bound] = []
    for first, second, won, lost, tied in counts:
        for number, lead in ((won, -2 * log_nu), (tied, 2 * log_nu if davidson else 0.0)):
            if number:
                bounds.append(Bound(first, second, effect + lead, slope))
        for number, lead in ((lost, -2 * log_nu), (tied, 2 * log_nu if davidson else 0.0)):
            if number:
                bounds.append(Bound(second, first, -effect + lead, -slope))
    return bounds


def _fit_together(size: int, bounds: Sequence[Bound]) -> bool:
    """Whether strengths and a free parameter can satisfy all bounds. Each violated cycle narrows the parameter."""
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
    """Return the bounds of a negative cycle (Bellman-Ford), or None if there is none."""
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
    """Return a cycle in the graph of the bounds that last lowered each strength."""
    seen = [0] * len(before)
    for start in range(len(before)):
        node = start
        while not seen[node] and (bound := before[node]) is not None:
            seen[node] = start + 1
            node = bound.of
        if seen[node] == start + 1 and before[node] is not None:
            circle: list[Bound] = []
            end = node
            while (bound := before[node]) is not None:
                circle.append(bound)
                node = bound.of
                if node == end:
                    return circle
    return None
