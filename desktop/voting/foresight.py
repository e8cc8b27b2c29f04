"""Sensitivity of a ranking: effect of removing two votes, and number of additional votes needed. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from desktop.stats.bradley_terry import NoEstimate
from desktop.stats.cholesky import NotPositive, factored, inverted
from desktop.stats.proportions import quantile
from desktop.voting.claims import Verdict
from desktop.voting.intervals import Ground, variance
from desktop.voting.ranking import RankedPair, Ranking

MOST_VOTES = 100_000
"""Maximum number of additional votes considered."""

_LEVEL = 1e-7
_RIVALS = 3
_REACH = 4.0
"""Factor by which the effect of two votes may at most exceed its linear approximation."""

_CLEAREST = 0.95
"""Maximum win share assumed in estimates."""

_FITTED_UP_TO = 24
"""Maximum number of contenders for fitting additional votes. With more, Fisher information is used."""


def is_fragile(ranking: Ranking, part: Sequence[str]) -> bool:
    """Whether removing two votes would change the first place within a part.

    If the first place is tied, there is none to change. The two most influential votes for the first against the next
    three are removed, and the model is refitted.
    """
    ground = ranking.ground
    assert ground is not None
    first, *rivals = (ground.counts.names.index(name) for name in part[: _RIVALS + 1])
    totals = _totals(ground)
    pulls = [ground.pulls(ballot) for ballot in ground.counts.ballots]
    worths = ground.fit.worths
    if worths[first] - worths[rivals[0]] < _LEVEL:
        return False
    for rival in rivals:
        lean = [
            one - other for one, other in zip(ground.fit.covariance[first], ground.fit.covariance[rival], strict=True)
        ]
        gains = sorted(
            (sum(lean[place] * value for place, value in pull.items()), ballot)
            for ballot, pull in enumerate(pulls)
            if totals[ballot]
        )[-2:][::-1]
        taken = [ballot for _, ballot in gains[:1]] * 2 if totals[gains[0][1]] > 1 else [ballot for _, ballot in gains]
        reach = sum(max(gains[min(at, len(gains) - 1)][0], 0.0) for at in range(len(taken)))
        if worths[first] - worths[rival] > _REACH * reach:
            continue
        if _changes(ground, first, rival, taken):
            return True
    return False


def _totals(ground: Ground) -> list[int]:
    """Return how many times each ballot was cast."""
    totals = [0] * len(ground.counts.ballots)
    for cluster in ground.counts.clusters:
        for ballot, number in cluster.ballots:
            totals[ballot] += number * cluster.times
    return totals


def _changes(ground: Ground, first: int, rival: int, taken: Sequence[int]) -> bool:
    """Whether a rival catches up with the first after ballots are removed."""
    flat = [number for row in ground.table for number in row]
    for ballot in taken:
        for cell in ground.cells(ground.counts.ballots[ballot]):
            flat[cell] -= 1
    try:
        values = ground.model.most_likely(list(zip(flat[0::3], flat[1::3], flat[2::3], strict=True)), within=1e-4)
    except (NoEstimate, NotPositive, ArithmeticError):
        return True  # no model is first then
    return values[first] - values[rival] < _LEVEL


def more_votes(ranking: Ranking, pair: RankedPair) -> int | None:
    """Return the number of additional votes on a pair needed for a claim, or None if there are too many.

    Results are assumed to continue as before; without votes on the pair, the model's prediction is used.
    """
    ground = ranking.ground
    assert ground is not None
    if pair.claim.verdict is Verdict.BETTER:
        return 0
    if not pair.difference > 0:
        return None
    fits = len(ground.counts.names) <= _FITTED_UP_TO
    is_enough = partial(_is_enough if fits else _seems_enough, ground, pair, *_rate(pair))
    low, high = 0, 1
    while not is_enough(high):
        low, high = high, 2 * high
        if low > MOST_VOTES:
            return None
    while high - low > max(1, low // 200):
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _rate(pair: RankedPair) -> tuple[float, float]:
    """Return the shares of wins of `a` and of ties in votes on the pair, or the model's prediction.

    The prediction is used if `a` did not win more often than `b`.
    """
    met = pair.met
    if met.first_wins > met.second_wins:
        return met.first_wins / met.met, (met.ties + met.both_bad) / met.met
    return pair.chance, 0.0


def _is_enough(ground: Ground, pair: RankedPair, share: float, tied: float, votes: int) -> bool:
    """Whether this many additional votes would allow a claim according to the closed form."""
    names = ground.counts.names
    a, b = names.index(pair.a), names.index(pair.b)
    pairs, table = [*ground.model.pairs, (a, b)], [*ground.table]
    table.append((share * votes, (1 - share - tied) * votes, tied * votes))
    model = ground.model.over(pairs)
    try:
        values = model.most_likely(table, within=1e-4)
        covariance = inverted(factored(model.slopes(values, table)[1]))
    except (NoEstimate, NotPositive, ArithmeticError):
        return False
    difference = values[a] - values[b]
    return difference > _reach(ground, pair) * math.sqrt(variance(covariance, a, b))


def _seems_enough(ground: Ground, pair: RankedPair, share: float, tied: float, votes: int) -> bool:
    """Whether this many additional votes would allow a claim, estimated from the information without a fit."""
    names = ground.counts.names
    known = 1 / (variance(ground.fit.covariance, names.index(pair.a), names.index(pair.b)) or math.inf)
    wins = min(share + tied / 2, _CLEAREST)
    added = votes * wins * (1 - wins)
    sure = known * pair.difference + added * math.log(wins / (1 - wins))
    return sure > _reach(ground, pair) * math.sqrt(known + added)


def _reach(ground: Ground, pair: RankedPair) -> float:
    """Return the number of standard errors that a claim requires: more if votes on a prompt are correlated."""
    names = ground.counts.names
    known = variance(ground.fit.covariance, names.index(pair.a), names.index(pair.b))
    half = (pair.claim.interval.high - pair.claim.interval.low) / 2
    return half / math.sqrt(known) if known else quantile(pair.claim.level)
