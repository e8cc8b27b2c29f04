"""Votes and counts made for tests, and a second way to the same figures that shares nothing with the program's."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from desktop.stats.bradley_terry import PairCount
from desktop.voting.contender import Contender
from desktop.voting.tally import Ballot, Counts, Tally
from desktop.voting.vote import BAD, FIRST, SECOND, TIE, Vote, best_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

WIKIPEDIA = (("A", "B", 2, 3), ("A", "D", 1, 4), ("B", "C", 5, 3), ("C", "D", 1, 3))
"""The worked example: pairs with wins of the first and of the second."""

WIKIPEDIA_WORTHS = {"A": 0.640, "B": 1.043, "C": 0.660, "D": 2.270}


def vote(*models: str, number: int = 0, **more: object) -> Vote:
    """A vote on models, the first of which won unless it is said otherwise."""
    contenders = tuple(Contender(model=model) for model in models)
    usual = {"id": f"{number:032x}", "at": NOON, "contenders": contenders, "outcome": best_of(0, len(models))}
    return Vote(**cast("dict[str, Any]", {**usual, **more}))


def ballots(*pairs: tuple[str, str, int, int], ties: int = 0) -> list[Ballot]:
    """A ballot for each win of the first, of the second, and each tie, of each pair."""
    return [
        ((one, other, result),)
        for one, other, won, lost in pairs
        for result, times in ((FIRST, won), (SECOND, lost), (TIE, ties))
        for _ in range(times)
    ]


def counts(made: Iterable[Ballot], prompts: Sequence[str] | None = None, times: Sequence[int] | None = None) -> Counts:
    """What a tally makes of ballots."""
    tally = Tally()
    tally.add([*made], prompts, times)
    return tally.counts()


def sampled(worths: Sequence[float], number: int, seed: int, *, tied: float = 0.0, effect: float = 0.0) -> list[Ballot]:
    """Ballots of contenders with such log-worths, each of two that chance chose."""
    chance = random.Random(seed)
    found: list[Ballot] = []
    for _ in range(number):
        one, other = chance.sample(range(len(worths)), 2)
        if chance.random() < tied:
            result = TIE if chance.random() < 0.5 else BAD
        else:
            wins = chance.random() < 1 / (1 + math.exp(worths[other] - worths[one] - effect))
            result = FIRST if wins else SECOND
        found.append(((f"m{one}", f"m{other}", result),))
    return found


def worths_by_minorising(size: int, table: Sequence[PairCount], prior: float) -> list[float]:
    """Log-worths by Hunter's MM algorithm (2004), with the ghost as one contender more whose worth is 1."""
    wins = [prior / 2] * size
    met: dict[tuple[int, int], float] = {}
    for one, other, won, lost, tied in table:
        wins[one] += won + tied / 2
        wins[other] += lost + tied / 2
        for pair in ((one, other), (other, one)):
            met[pair] = met.get(pair, 0.0) + won + lost + tied
    worths = [1.0] * size
    for _ in range(20_000):
        new = [
            wins[one]
            / (
                prior / (worths[one] + 1)
                + sum(
                    met.get((one, other), 0.0) / (worths[one] + worths[other]) for other in range(size) if other != one
                )
            )
            for one in range(size)
        ]
        if not prior:
            middle = math.exp(sum(map(math.log, new)) / size)
            new = [worth / middle for worth in new]
        moved = max(abs(math.log(now / before)) for now, before in zip(new, worths, strict=True))
        worths = new
        if moved < 1e-13:
            break
    return [math.log(worth) for worth in worths]


def log_likelihood(size: int, table: Sequence[PairCount], prior: float, *, effect: bool, davidson: bool) -> Height:
    """The log-likelihood as the page of the design has it, in worths rather than in their logarithms."""

    def height(values: Sequence[float]) -> float:
        worths = [math.exp(value) for value in values[:size]]
        first = math.exp(values[size]) if effect else 1.0
        nu = math.exp(values[-1]) if davidson else 0.0
        total = sum(prior / 2 * math.log(worth / (worth + 1) / (worth + 1)) for worth in worths)
        for one, other, won, lost, tied in table:
            a, b = first * worths[one], worths[other]
            between = nu * math.sqrt(a * b)
            whole = a + b + between
            total += won * math.log(a / whole) + lost * math.log(b / whole)
            if tied:
                total += tied * (math.log(between / whole) if davidson else math.log(a * b / whole / whole) / 2)
        return total

    return height


Height = Callable[[Sequence[float]], float]


def slope_of(height: Height, values: Sequence[float], step: float = 1e-5) -> list[float]:
    """The gradient, by differences."""
    return [
        (height(_moved(values, place, step)) - height(_moved(values, place, -step))) / (2 * step)
        for place in range(len(values))
    ]


def bend_of(height: Height, values: Sequence[float], step: float = 1e-4) -> list[list[float]]:
    """The negative second derivatives, by differences."""
    return [
        [
            -(
                height(_moved(_moved(values, one, step), other, step))
                - height(_moved(_moved(values, one, step), other, -step))
                - height(_moved(_moved(values, one, -step), other, step))
                + height(_moved(_moved(values, one, -step), other, -step))
            )
            / (4 * step * step)
            for other in range(len(values))
        ]
        for one in range(len(values))
    ]


def _moved(values: Sequence[float], place: int, step: float) -> list[float]:
    return [value + step * (at == place) for at, value in enumerate(values)]
