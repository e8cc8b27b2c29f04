"""Ranking of counted votes: fits the model, tests each difference, and rejects unrankable votes. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from statistics import fmean

from desktop.errors import RankingImpossible, UsageError
from desktop.stats.bradley_terry import Fit, NoEstimate, PairCount, fitted
from desktop.stats.cholesky import Rows
from desktop.stats.connectedness import parts, strong_parts
from desktop.stats.proportions import two_sided
from desktop.stats.separation import is_unbounded
from desktop.text.phrases import bounded, counted, phrase
from desktop.voting.claims import Claim, Evidence, RankRange, Verdict, claims, rank_ranges
from desktop.voting.intervals import MOST_PROMPTS, Ground, Progress, clustered, interval_of, resampled, variance
from desktop.voting.ranking import RankedModel, RankedPair, Ranking, RankingOptions, Resampling
from desktop.voting.tally import Counts, PairTally

MOST_CONTENDERS = 400
"""Maximum number of contenders in a ranking."""

_WITHOUT_END = phrase(
    "Position bias or the share of ties cannot be estimated from these votes, because all or none of them went one way."
)


def ranked(
    counts: Counts,
    options: RankingOptions,
    *,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Ranking:
    """Rank counted votes.

    Raises:
        RankingImpossible: If there is no finite estimate.
        UsageError: If the reference is unknown.
        Cancelled: If the caller cancels.
    """
    maker = _maker(counts, options, progress, is_cancelled)
    return maker.ranking() if maker else Ranking(options=options, counts=counts)


def first_look(counts: Counts, options: RankingOptions) -> Ranking:
    """Return a quick ranking without pairwise tests, in which every rank is possible. Raises like `ranked`."""
    maker = _maker(counts, options)
    return maker.first_look() if maker else Ranking(options=options, counts=counts)


def _maker(
    counts: Counts,
    options: RankingOptions,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> _Maker | None:
    """Return the builder of a ranking, or None without votes."""
    names = counts.names
    if options.reference is not None and names and options.reference not in names:
        raise UsageError(
            phrase("“{name}” is not among the contenders.", name=bounded(options.reference)),
            hint=phrase("Contenders: {names}.", names=bounded(", ".join(names))),
        )
    if len(names) > MOST_CONTENDERS:
        raise RankingImpossible(
            counted(
                "{n} contender is too many to rank at once.",
                "{n} contenders are too many to rank at once (at most {most}).",
                len(names),
                most=MOST_CONTENDERS,
            )
        )
    if not names:
        return None
    ground = Ground(counts, options.fit, _fitted(counts, options))
    return _Maker(ground, options, progress, is_cancelled)


def _fitted(counts: Counts, options: RankingOptions) -> Fit:
    pairs = [pair.for_fit for pair in (counts.pairs if options.position else counts.unordered())]
    size = len(counts.names)
    if not options.prior:
        edges = [edge for pair in pairs for edge in _beaten_or_tied(pair)]
        strong = strong_parts(size, edges)
        if len(strong) > 1:
            raise RankingImpossible(
                phrase(
                    "Without a prior, there is no finite estimate: these groups are not connected by wins "
                    "in both directions: {parts}.",
                    parts=bounded("; ".join(", ".join(counts.names[place] for place in part) for part in strong)),
                ),
                hint=phrase("Keep the prior, or collect votes in which each group wins or ties."),
            )
    if is_unbounded(size, pairs, options.fit):
        raise RankingImpossible(_WITHOUT_END, hint=phrase("Turn off position bias, or count ties as half wins."))
    try:
        return fitted(size, pairs, options.fit)
    except NoEstimate:
        raise RankingImpossible(
            phrase("These votes do not yield a finite estimate."), hint=phrase("Use a larger prior.")
        ) from None


def _beaten_or_tied(pair: PairCount) -> list[tuple[int, int]]:
    won = [(pair.first, pair.second)] if pair.first_wins or pair.ties else []
    return [*won, (pair.second, pair.first)] if pair.second_wins or pair.ties else won


class _Maker:
    """Builds a ranking from a fit step by step."""

    def __init__(
        self,
        ground: Ground,
        options: RankingOptions,
        progress: Progress | None,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:
        self._ground = ground
        self._options = options
        self._progress = progress
        self._is_cancelled = is_cancelled
        self._names = ground.counts.names
        self._met = {pair[:2]: pair for pair in ground.counts.unordered()}
        self._counted = _totals(len(self._names), self._met.values())
        votes = ground.counts.votes
        found = parts(len(self._names), self._met)
        self._parts = sorted(found, key=lambda part: (-sum(votes[place] for place in part), part))
        self._worths = list(ground.fit.worths)
        for part in self._parts:
            middle = fmean(self._worths[place] for place in part)
            for place in part:
                self._worths[place] -= middle
        self._prompts, self._votes = self._voted()
        self._by_prompt = None if ground.counts.is_one_pair_a_prompt else clustered(ground)

    def first_look(self) -> Ranking:
        """Return the ranking without pairs."""
        order, names = self._order(), self._names
        ranges = [RankRange(1, len(names))] * len(names)
        return Ranking(
            options=self._options,
            counts=self._ground.counts,
            ground=self._ground,
            parts=tuple(tuple(names[place] for place in part) for part in order),
            models=tuple(model for part in order for model in self._models(part, ranges)),
        )

    def _order(self) -> list[list[int]]:
        return [sorted(part, key=lambda place: (-self._worths[place], place)) for part in self._parts]

    def ranking(self) -> Ranking:
        """Return the full ranking."""
        order = self._order()
        pairs = [pair for part in order for pair in combinations(part, 2)]
        judged, resampling = self._claims(pairs)
        better = [pair for pair, claim in zip(pairs, judged, strict=True) if claim.verdict is Verdict.BETTER]
        ranges = rank_ranges(len(self._names), better)
        return Ranking(
            options=self._options,
            counts=self._ground.counts,
            ground=self._ground,
            parts=tuple(tuple(self._names[place] for place in part) for part in order),
            models=tuple(model for part in order for model in self._models(part, ranges)),
            pairs=tuple(self._pair(one, other, claim) for (one, other), claim in zip(pairs, judged, strict=True)),
            resampling=resampling,
        )

    def _models(self, part: Sequence[int], ranges: Sequence[RankRange]) -> list[RankedModel]:
        reference = next((index for index in part if self._names[index] == self._options.reference), None)
        squares = _squares(self._ground.fit.covariance, part, reference)
        scatter = [0.0] * len(part) if self._by_prompt is None else _squares(self._by_prompt, part, reference)
        models: list[RankedModel] = []
        for index, square, between in zip(part, squares, scatter, strict=True):
            worth = self._worths[index] - (0.0 if reference is None else self._worths[reference])
            errors = self._errors(index, square, between)
            interval = interval_of(worth, *errors, self._prompts[index])
            votes = self._ground.counts.votes[index]
            models.append(
                RankedModel(
                    self._names[index], worth, max(errors), interval, ranges[index], votes, *self._counted[index]
                )
            )
        return models

    def _errors(self, place: int, square: float, between: float) -> tuple[float, float]:
        """Return a contender's standard errors within its part: from the likelihood, and clustered by prompt.

        With a single prompt, there is no variance between prompts, so all its votes count as one, which is the worst
        case.
        """
        if (prompts := self._prompts[place]) == 1:
            return math.sqrt(square * self._votes[place]), 0.0
        total = self._ground.counts.prompts
        few = prompts * (total - 1) / (total * (prompts - 1)) if between else 1.0  # other parts carry no information
        return math.sqrt(square), math.sqrt(few * between)

    def _pair(self, one: int, other: int, claim: Claim) -> RankedPair:
        met = self._met.get((min(one, other), max(one, other)), PairTally(one, other))
        difference = self._worths[one] - self._worths[other]
        return RankedPair(
            a=self._names[one],
            b=self._names[other],
            met=met if met.first == one else met.turned,
            chance=1 / (1 + math.exp(-difference)),
            difference=difference,
            claim=claim,
        )

    def _claims(self, pairs: Sequence[tuple[int, int]]) -> tuple[list[Claim], Resampling]:
        """Return a claim for each pair. The bootstrap is skipped if the closed form supports no claim."""
        evidence: list[Evidence] = []
        for one, other in pairs:
            between = 0.0 if self._by_prompt is None else variance(self._by_prompt, one, other)
            se, by_prompt = self._errors(one, variance(self._ground.fit.covariance, one, other), between)
            difference = self._worths[one] - self._worths[other]
            evidence.append(Evidence(difference, se, 0.0, self._prompts[one], by_prompt))
        found = claims(evidence)
        tried = [place for place, claim in enumerate(found) if claim.verdict is Verdict.BETTER]
        if not tried:
            return found, Resampling.NONE
        chances, resampling = self._resampled([pairs[place] for place in tried])
        for place, chance in zip(tried, chances, strict=True):
            evidence[place] = evidence[place]._replace(resampled=chance)
        return claims(evidence), resampling

    def _voted(self) -> tuple[list[int], list[int]]:
        """Return the number of prompts and votes in each contender's part."""
        counts, of = self._ground.counts, [0] * len(self._names)
        for number, part in enumerate(self._parts):
            for place in part:
                of[place] = number
        prompts, votes = [0] * len(self._parts), [0] * len(self._parts)
        homes = [of[ballot[0][0]] for ballot in counts.ballots]
        for cluster in counts.clusters:
            for home in {homes[ballot] for ballot, _ in cluster.ballots}:
                prompts[home] += cluster.times
            for ballot, number in cluster.ballots:
                votes[homes[ballot]] += number * cluster.times
        return [prompts[number] for number in of], [votes[number] for number in of]

    def _resampled(self, pairs: Sequence[tuple[int, int]]) -> tuple[list[float], Resampling]:
        """Return the two-sided p-value of each pair, clustered by prompt."""
        if self._ground.counts.prompts > MOST_PROMPTS:
            covariance = self._by_prompt or clustered(self._ground)
            ratios = [
                (self._worths[one] - self._worths[other]) / math.sqrt(variance(covariance, one, other) or math.inf)
                for one, other in pairs
            ]
            return [two_sided(ratio) for ratio in ratios], Resampling.CLUSTERED
        options = self._options
        rounds = resampled(
            self._ground,
            rounds=options.rounds,
            seed=options.seed,
            progress=self._progress,
            is_cancelled=self._is_cancelled,
        )
        against = [sum(worths[one] <= worths[other] for worths in rounds) for one, other in pairs]
        return [2 * number / len(rounds) for number in against], Resampling.PROMPTS


def _squares(covariance: Rows, part: Sequence[int], reference: int | None) -> list[float]:
    """Return the variances of a part's log-strengths relative to their mean or to the reference."""
    if reference is not None:
        return [variance(covariance, place, reference) for place in part]
    means = [sum(covariance[place][each] for each in part) / len(part) for place in part]
    whole = fmean(means)
    return [max(covariance[place][place] - 2 * mean + whole, 0.0) for place, mean in zip(part, means, strict=True)]


def _totals(size: int, pairs: Iterable[PairTally]) -> list[tuple[int, int, int, int]]:
    """Return each contender's number of wins, losses, ties and “both bad”."""
    totals = [[0, 0, 0, 0] for _ in range(size)]
    for met in pairs:
        for pair in (met, met.turned):
            own = totals[pair.first]
            for place, number in enumerate(pair[2:]):
                own[place] += number
    return [(wins, losses, ties, bad) for wins, losses, ties, bad in totals]
