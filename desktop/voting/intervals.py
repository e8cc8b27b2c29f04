"""Intervals: Wilson's of a share, the closed form, the scatter between prompts, and resampling whole prompts; pure."""

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
"""Above so many prompts the clustered closed form takes the place of resampling."""

_SHARES = (0.01, 0.1, 1.0)
"""Of all votes: what a round is given along that has no finite estimate by itself."""

Progress = Callable[[int, int], None]
"""Told how many rounds are done, and of how many."""


class Cancelled(Exception):
    """Whoever asked wants no answer any more."""


def effective_size(clusters: Iterable[tuple[int, int, int]]) -> float:
    """As how many independent ones those of clusters count in a share: (part, whole, how many clusters are such).

    Where all fall alike nothing is known of how alike a cluster is: each counts as one.
    """
    found = [each for each in clusters if each[1]]
    part, whole, number = (
        (sum(row) for row in zip(*((p * t, w * t, t) for p, w, t in found), strict=True)) if found else (0, 0, 0)
    )
    if whole == number:
        return whole
    share = part / whole
    if number < 2 or not 0 < share < 1:
        return number
    scatter = number / (number - 1) * sum(t * (p - share * w) ** 2 for p, w, t in found) / whole
    scatter *= (t_quantile(LEVEL, number - 1) / quantile(LEVEL)) ** 2
    return whole / max(scatter / (share * (1 - share)), 1.0)


def interval_of(estimate: float, se: float, by_prompt: float = 0.0, prompts: int = 0, level: float = LEVEL) -> Interval:
    """The wider of two: by the closed form, and by the scatter between prompts, of which few need Student's t."""
    half = quantile(level) * se
    if by_prompt:
        half = max(half, t_quantile(level, max(prompts - 1, 1)) * by_prompt)
    return Interval(estimate - half, estimate + half)


def variance(covariance: Rows, one: int, other: int) -> float:
    """Of the difference of two parameters."""
    return max(covariance[one][one] + covariance[other][other] - 2 * covariance[one][other], 0.0)


class Ground:
    """Counts, the model over their pairs, and the fit: what resampling and leaving out begin at."""

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
        """Where a ballot is counted in a flat table: three cells a pair, won, lost and tied."""
        found: list[int] = []
        for first, second, result in ballot:
            place = self._places.get((first, second))
            turned = place is None
            place = self._places[second, first] if place is None else place
            cell = {FIRST: int(turned), SECOND: int(not turned)}.get(result, 2)
            found.append(3 * place + cell)
        return found

    def pulls(self, ballot: IndexBallot) -> dict[int, float]:
        """The gradient of a ballot's log-likelihood, by parameters."""
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
    """The worths of each round, fitted to as many prompts as there are, drawn with replacement, each whole.

    A round without a finite estimate is given a part of all votes along. Raises Cancelled.
    """
    kinds = [_increments(ground, cluster.ballots) for cluster in ground.counts.clusters]
    population = [kind for kind, cluster in enumerate(ground.counts.clusters) for _ in range(cluster.times)]
    chance = random.Random(seed)  # noqa: S311 - no secret
    start = ground.fit.values
    factor = factored(ground.model.slopes(start, ground.table)[1])
    size, cells = ground.model.size, 3 * len(ground.pairs)
    found: list[list[float]] = []
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
        found.append(values[:size])
        if progress is not None:
            progress(number + 1, rounds)
    return found


def _with_all(ground: Ground, table: Sequence[tuple[int, int, int]]) -> list[float]:
    """The fit of a round that has none by itself, with a small part of all votes, or a larger one where it needs that.

    Of all votes there is a fit, which is the last that is taken.
    """
    for share in _SHARES:
        more = [
            (won + w * share, lost + x * share, tied + t * share)
            for (won, lost, tied), (w, x, t) in zip(table, ground.table, strict=True)
        ]
        with suppress(NoEstimate, NotPositive, ArithmeticError):
            return ground.model.most_likely(more, within=1e-3)
    return [*ground.fit.values]


def _increments(ground: Ground, ballots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What a cluster adds to a flat table: cells, and how much."""
    found: Counter[int] = Counter()
    for ballot, number in ballots:
        for cell in ground.cells(ground.counts.ballots[ballot]):
            found[cell] += number
    return list(found.items())


def clustered(ground: Ground) -> Rows:
    """The covariance of the worths that the scatter between prompts gives (a sandwich, with C / (C - 1))."""
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
    """The standard error of a parameter that is no log-worth, clustered by prompt; votes on one prompt are one."""
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
