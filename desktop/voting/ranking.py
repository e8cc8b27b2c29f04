"""Ranking: log-strengths, intervals and claims of all contenders, recomputed from counted votes. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from desktop.domain.conversation_types import Value
from desktop.stats.bradley_terry import FitOptions, Ties
from desktop.stats.proportions import LEVEL, ROUNDS, Interval, wilson
from desktop.voting import intervals
from desktop.voting.claims import MARGIN, Claim, RankRange
from desktop.voting.intervals import Ground
from desktop.voting.tally import Counts, PairTally
from desktop.voting.vote import FIRST, SECOND

SCALE = 400 / math.log(10)
"""Score points per unit of log-strength."""

MIDDLE = 1000.0
"""Score at a log-strength of 0."""


class Resampling(StrEnum):
    """Method that tests claims in addition to the closed form."""

    PROMPTS = "bootstrap by prompt"
    CLUSTERED = "clustered closed form"
    NONE = "bootstrap by prompt, which none came to"


class RankingOptions(Value, frozen=True, kw_only=True):
    """Options of a ranking. `prior` is the number of virtual battles per contender; `reference` has log-strength 0."""

    ties: Ties = Ties.HALF
    prior: float = 1.0
    position: bool = False
    reference: str | None = None
    seed: int = 0
    rounds: int = ROUNDS

    @property
    def fit(self) -> FitOptions:
        """Options passed to the model."""
        return FitOptions(ties=self.ties, prior=self.prior, position=self.position)


class RankedModel(NamedTuple):
    """A ranked contender: log-strength with standard error and interval, possible ranks, and counts.

    `wins`, `losses`, `ties` and `both_bad` count pairs. A vote on several responses consists of several pairs.
    """

    name: str
    log_worth: float
    se: float
    interval: Interval
    ranks: RankRange
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int

    @property
    def score(self) -> float:
        """Log-strength on the Elo scale, where 400 points are odds of ten to one."""
        return MIDDLE + SCALE * self.log_worth

    @property
    def bad_share(self) -> float:
        """Share of the contender's pairs in which both responses were bad."""
        return self.both_bad / max(self.wins + self.losses + self.ties + self.both_bad, 1)


class RankedPair(NamedTuple):
    """A pair within a part. `a` has the higher log-strength; `chance` is P(a preferred), ignoring ties."""

    a: str
    b: str
    met: PairTally
    chance: float
    difference: float
    claim: Claim


class Ranking(Value, frozen=True, kw_only=True):
    """Result of a ranking. Models are sorted by part, then by log-strength; parts cannot be compared.

    The log-strengths of a part sum to zero, or are relative to the `reference`. `ground` is the fitted data, or None
    without votes. `resampling` is the method that tested claims in addition to the closed form.
    """

    options: RankingOptions
    counts: Counts
    ground: Ground | None = None
    parts: tuple[tuple[str, ...], ...] = ()
    models: tuple[RankedModel, ...] = ()
    pairs: tuple[RankedPair, ...] = ()
    resampling: Resampling = Resampling.NONE

    @property
    def first_shown(self) -> tuple[int, int]:
        """Number of wins of the response shown first, and number of decided pairs."""
        won = sum(pair.first_wins for pair in self.counts.pairs)
        return won, won + sum(pair.second_wins for pair in self.counts.pairs)

    @property
    def first_shown_interval(self) -> Interval:
        """Interval of the win share of the response shown first, clustered by prompt."""
        won, decided = self.first_shown
        ballots = [
            (sum(pair[2] == FIRST for pair in ballot), sum(pair[2] in (FIRST, SECOND) for pair in ballot))
            for ballot in self.counts.ballots
        ]
        size = intervals.effective_size(
            (
                sum(ballots[place][0] * number for place, number in cluster.ballots),
                sum(ballots[place][1] * number for place, number in cluster.ballots),
                cluster.times,
            )
            for cluster in self.counts.clusters
        )
        return wilson(size * won / max(decided, 1), size)

    def document(self, notices: Sequence[str] = ()) -> dict[str, object]:
        """Return the JSON object printed by `ranking --json`."""
        fit = self.ground.fit if self.ground else None
        return {
            "models": [_model_document(model) for model in self.models],
            "pairs": [_pair_document(pair) for pair in self.pairs],
            "parts": [list(names) for names in self.parts],
            "deviance": fit.deviance if fit else 0.0,
            "tie": self._tie(),
            "position": self._position(),
            "method": self._method(),
            "notices": list(notices),
        }

    def _tie(self) -> dict[str, float | None] | None:
        if self.options.ties is not Ties.DAVIDSON or self.ground is None:
            return None
        log_nu = self.ground.fit.log_nu
        if log_nu is None:
            return {"nu": 0.0, "log_nu": None, "se": None}
        return {"nu": math.exp(log_nu), "log_nu": log_nu, "se": intervals.parameter_se(self.ground, -1)}

    def _position(self) -> dict[str, float] | None:
        if self.ground is None or (effect := self.ground.fit.effect) is None:
            return None
        return {"log_effect": effect, "se": intervals.parameter_se(self.ground, len(self.ground.fit.worths))}

    def _method(self) -> dict[str, object]:
        options = self.options
        return {
            "model": "Bradley-Terry",
            "ties": str(options.ties),
            "prior": options.prior,
            "position": options.position,
            "reference": options.reference,
            "interval": "the wider of the closed form (inverse Hessian with the prior) and the sandwich clustered by"
            " prompt with Student's t",
            "margin": MARGIN,
            "level": 1 - LEVEL,
            "claims": f"difference, corrected for {len(self.pairs)} pairs (Holm); by the closed form"
            f" and by {self.resampling}",
            "resampled": self.resampling is not Resampling.NONE,
            "rounds": options.rounds,
            "seed": options.seed,
            "votes": self.counts.total,
            "prompts": self.counts.prompts,
            "scale": "1000 + 400 / ln(10) x log-worth",
        }


def _model_document(model: RankedModel) -> dict[str, object]:
    return {
        "model": model.name,
        "log_worth": model.log_worth,
        "se": model.se,
        "low": model.interval.low,
        "high": model.interval.high,
        "score": model.score,
        "rank_low": model.ranks.best,
        "rank_high": model.ranks.worst,
        "votes": model.votes,
        "wins": model.wins,
        "losses": model.losses,
        "ties": model.ties,
        "both_bad": model.both_bad,
    }


def _pair_document(pair: RankedPair) -> dict[str, object]:
    return {
        "a": pair.a,
        "b": pair.b,
        "a_wins": pair.met.first_wins,
        "b_wins": pair.met.second_wins,
        "ties": pair.met.ties,
        "both_bad": pair.met.both_bad,
        "p_a": pair.chance,
        "difference": pair.difference,
        "low": pair.claim.interval.low,
        "high": pair.claim.interval.high,
        "verdict": str(pair.claim.verdict),
    }
