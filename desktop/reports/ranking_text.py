"""Ranking as text: cells of its table, conclusions, and reasons why some pairs have none. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from desktop.text.phrases import Phrase, bounded, counted, phrase
from desktop.voting.claims import LEAST_PROMPTS, NO_MATTER, Verdict
from desktop.voting.foresight import more_votes
from desktop.voting.ranking import MIDDLE, SCALE, RankedModel, RankedPair, Ranking

COLUMNS = (
    phrase("Model"),
    phrase("Score"),
    phrase("95% CI"),
    phrase("Rank"),
    phrase("Votes"),
    phrase("Wins"),
    phrase("Losses"),
    phrase("Ties"),
    phrase("Both bad"),
)

_MOST_TOLD = 8
"""Maximum number of pairs of neighbors for which a lack of evidence is explained."""


def cells(model: RankedModel) -> tuple[str, ...]:
    """Return the cells of a model in the order of COLUMNS."""
    best, worst = model.ranks
    low, high = (MIDDLE + SCALE * end for end in model.interval)
    return (
        model.name,
        f"{model.score:.0f}",
        f"{low:.0f}–{high:.0f}",
        f"{best}" if best == worst else f"{best}–{worst}",
        f"{model.votes:,}",
        f"{model.wins:,}",
        f"{model.losses:,}",
        f"{model.ties:,}",
        f"{model.both_bad:,} ({100 * model.bad_share:.0f} %)" if model.both_bad else "0",
    )


def sentences(ranking: Ranking) -> tuple[Phrase, ...]:
    """Return the conclusions that a ranking supports, and for neighbors without a conclusion, the reason."""
    if not ranking.models:
        return ()
    return (*_claimed(ranking), *_not_claimed(ranking))


def _claimed(ranking: Ranking) -> Iterator[Phrase]:
    worse: dict[str, list[str]] = {}
    for pair in ranking.pairs:
        if pair.claim.verdict is Verdict.BETTER:
            worse.setdefault(pair.a, []).append(pair.b)
    for name, others in worse.items():
        yield phrase("{name} is better than {others}.", name=name, others=bounded(", ".join(others)))
    if not worse:
        yield phrase("These votes do not support any conclusion yet.")


def _not_claimed(ranking: Ranking) -> Iterator[Phrase]:
    neighbours = {pair for part in ranking.parts for pair in pairwise(part)}
    open_pairs = [
        pair for pair in ranking.pairs if (pair.a, pair.b) in neighbours and pair.claim.verdict is not Verdict.BETTER
    ]
    for pair in open_pairs[:_MOST_TOLD]:
        yield _why_not(ranking, pair)


def _why_not(ranking: Ranking, pair: RankedPair) -> Phrase:
    if pair.claim.verdict is Verdict.NO_DIFFERENCE:
        low, high = (100 / (1 + math.exp(-end)) for end in pair.claim.interval)
        return phrase(
            "{a} and {b}: no difference larger than {points} points; {a} is preferred {low}–{high}% of the time.",
            a=pair.a,
            b=pair.b,
            points=f"{100 * NO_MATTER:g}",
            low=f"{low:.1f}",
            high=f"{high:.1f}",
        )
    if ranking.counts.prompts < LEAST_PROMPTS:
        return counted(
            "{a} and {b}: too few votes; at least {n} more prompt is needed.",
            "{a} and {b}: too few votes; at least {n} more prompts are needed.",
            LEAST_PROMPTS - ranking.counts.prompts,
            a=pair.a,
            b=pair.b,
        )
    if pair.claim.interval.low > 0:
        return phrase("{a} and {b}: too few prompts agree.", a=pair.a, b=pair.b)
    number = more_votes(ranking, pair)
    if number is None:
        return phrase("{a} and {b}: too few votes; roughly tied so far.", a=pair.a, b=pair.b)
    return counted(
        "{a} and {b}: too few votes; {n} more vote at the current rate would show a difference.",
        "{a} and {b}: too few votes; {n} more votes at the current rate would show a difference.",
        number,
        a=pair.a,
        b=pair.b,
    )
