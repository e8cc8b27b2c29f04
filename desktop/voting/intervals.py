"""Intervals of rankings: Wilson, closed form, clustered by prompt, and bootstrap over prompts. Pure functions."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from operator import mul

from desktop.stats.bradley_terry import Fit, FitOptions, NoEstimate, PairModel
from desktop.stats.cholesky import NotPositive, Rows, factored
from desktop.stats.proportions import LEVEL, ROUNDS, Interval, quantile
from desktop.stats.student_t import t_quantile
from desktop.voting.tally import Counts, IndexBallot
from desktop.voting.vote import FIRST, SECOND

MOST_PROMPTS = 20_000
"""Number of prompts above which the clustered closed form replaces the bootstrap."""

_SHARES = (0.01, 0.1, 1.0)
"""Shares of all votes that are added to a bootstrap sample without a finite estimate."""

Progress = Callable[[int, int], None]
"""Receives the number of completed rounds and the total."""


class Cancelled(Exception):
    """Raised if the caller no longer needs the result."""


def effective_size(clusters: Iterable[tuple[int, int, int]]) -> float:
    """Return the effective sample size of clustered shares, given (part, whole, number of such clusters).

    If all clusters agree, their correlation is unknown, so each cluster counts as one observation.
    """
    sized = [each for each in clusters if each[1]]
    part, whole, number = (
        (sum(row) for row in zip(*((p * t, w * t, t) for p, w, t in sized), strict=True)) if sized else (0, 0, 0)
    )
    if whole == number:
        return whole
    share = part / whole
    if number < 2 or not 0 < share < 1:
        return number
    scatter = number / (number - 1) * sum(t * (p - share * w) ** 2 for p, w, t in sized) / whole
    scatter *= (t_quantile(LEVEL, number - 1) / quantile(LEVEL)) ** 2
    return whole / max(scatter / (share * (1 - share)), 1.0)


def interval_of(estimate: float, se: float, by_prompt: float = 0.0, prompts: int = 0, level: float = LEVEL) -> Interval:
    """Return the wider of the closed-form and the clustered interval. Few prompts use Student's t."""
    half = quantile(level) * se
    if by_prompt:
        half = max(half, t_quantile(level, max(prompts - 1, 1)) * by_prompt)
    return Interval(estimate - half, estimate + half)


def variance(covariance: Rows, one: int, other: int) -> float:
    """Return the variance of the difference between two parameters."""
    return max(covariance[one][one] + covariance[other][other] - 2 * covariance[one][other], 0.0)


class Ground:
    """Counts, model and fit on which resampling and removal of votes are based."""

    def __init__(self, counts: Counts, options: FitOptions, fit: Fit) -> None:
        self.counts = counts
        self.options = options
        self.fit = fit
        self.pairs = counts.pairs if options.position else counts.unordered()
        self.model = PairModel(
            len(counts.names),
            [pair[:2] for pair in self.pairs],
            options,
            ties=any(pair.ties or pair.both_bad for pair in self.pairs),
        )
        self.table = [pair.for_fit[2:] for pair in self.pairs]
        self._places = {pair[:2]: place for place, pair in enumerate(self.pairs)}

    def cells(self, ballot: IndexBallot) -> list[int]:
        """Return the indexes of a ballot's cells in a flat table with three cells per pair: won, lost and tied."""
        cells: list[int] = []
        for first, second, result in ballot:
            place = self._places.get((first, second))
            turned = place is None
            place = self._places[second, first] if place is None else place
            cell = {FIRST: int(turned), SECOND: int(not turned)}.get(result, 2)
            cells.append(3 * place + cell)
        return cells

    def pulls(self, ballot: IndexBallot) -> dict[int, float]:
        """Return the gradient of a ballot's log-likelihood by parameter."""
        values, size = self.fit.values, self.model.size
        effect = self.fit.effect or 0.0
        nu = math.exp(values[-1]) if self.model.davidson else 0.0
        pulls: dict[int, float] = {}
        for first, second, result in ballot:
            up = math.exp((values[first] - values[second] + effect) / 2)
            whole = up + 1 / up + nu
            along = ({FIRST: 1, SECOND: -1}.get(result, 0) - (up - 1 / up) / whole) / 2
            pulls[first] = pulls.get(first, 0.0) + along
            pulls[second] = pulls.get(second, 0.0) - along
            if self.options.position:
                pulls[size] = pulls.get(size, 0.0) + along
            if self.model.davidson:
                last = self.model.length - 1
                pulls[last] = pulls.get(last, 0.0) + (result not in (FIRST, SECOND)) - nu / whole
        return pulls


def resampled(
    ground: Ground,
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[list[float]]:
    """Return the log-strengths of bootstrap samples over whole prompts.

    If a sample has no finite estimate, a small share of all votes is added to it.

    Raises:
        Cancelled: If the caller cancels.
    """
    kinds = [_increments(ground, cluster.ballots) for cluster in ground.counts.clusters]
    population = [kind for kind, cluster in enumerate(ground.counts.clusters) for _ in range(cluster.times)]
    chance = random.Random(seed)  # noqa: S311 - no secret
    start = ground.fit.values
    factor = factored(ground.model.slopes(start, ground.table)[1])
    size, cells = ground.model.size, 3 * len(ground.pairs)
    samples: list[list[float]] = []
    for number in range(rounds):
        if is_cancelled is not None and is_cancelled():
            raise Cancelled
        flat = [0] * cells
        for kind, times in Counter(chance.choices(population, k=len(population))).items():
            for cell, amount in kinds[kind]:
                flat[cell] += times * amount
        table = list(zip(flat[0::3], flat[1::3], flat[2::3], strict=True))
        try:
            values = ground.model.nearby(start, factor, table)
        except (NoEstimate, NotPositive, ArithmeticError):
            values = _with_all(ground, table)
        samples.append(values[:size])
        if progress is not None:
            progress(number + 1, rounds)
    return samples


def _with_all(ground: Ground, table: Sequence[tuple[int, int, int]]) -> list[float]:
    """Fit a sample after adding the smallest share of all votes that yields a finite estimate."""
    for share in _SHARES:
        more = [
            (won + w * share, lost + x * share, tied + t * share)
            for (won, lost, tied), (w, x, t) in zip(table, ground.table, strict=True)
        ]
        with suppress(NoEstimate, NotPositive, ArithmeticError):
            return ground.model.most_likely(more, within=1e-3)
    return [*ground.fit.values]


def _increments(ground: Ground, ballots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the cells of a flat table that a cluster increments, with the amounts."""
    amounts: Counter[int] = Counter()
    for ballot, number in ballots:
        for cell in ground.cells(ground.counts.ballots[ballot]):
            amounts[cell] += number
    return list(amounts.items())


def clustered(ground: Ground) -> Rows:
    """Return the covariance of the log-strengths clustered by prompt (sandwich estimator with factor C / (C − 1))."""
    length, counts = ground.model.length, ground.counts
    meat = [[0.0] * length for _ in range(length)]
    pulls = [ground.pulls(ballot) for ballot in counts.ballots]
    for cluster in counts.clusters:
        pull = _together(pulls, cluster.ballots)
        for one, value in pull:
            row, weighed = meat[one], value * cluster.times
            for other, each in pull:
                row[other] += weighed * each
    prompts = counts.prompts
    bread = ground.fit.covariance
    half = [[sum(map(mul, row, column)) for column in meat] for row in bread]  # the meat is symmetric
    factor = prompts / max(prompts - 1, 1)
    return [[factor * sum(map(mul, row, column)) for column in bread] for row in half]


def parameter_se(ground: Ground, place: int) -> float:
    """Return the standard error, clustered by prompt, of a parameter other than a log-strength."""
    counts, square = ground.counts, ground.fit.covariance[place][place]
    if counts.prompts == 1:
        square *= counts.total
    elif not counts.is_one_pair_a_prompt:
        square = max(square, clustered(ground)[place][place])
    return math.sqrt(square)


def _together(pulls: Sequence[Mapping[int, float]], ballots: Sequence[tuple[int, int]]) -> list[tuple[int, float]]:
    if len(ballots) == 1 and ballots[0][1] == 1:
        return list(pulls[ballots[0][0]].items())
    found: dict[int, float] = {}
    for ballot, number in ballots:
        for place, value in pulls[ballot].items():
            found[place] = found.get(place, 0.0) + number * value
    return list(found.items())
