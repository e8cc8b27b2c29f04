"""Notices about a ranking: excluded votes, the prior, and parts that were never compared. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.stats.bradley_terry import Ties
from desktop.text.phrases import Phrase, bounded, counted, phrase
from desktop.voting.claims import LEAST_PROMPTS
from desktop.voting.foresight import is_fragile
from desktop.voting.ranking import Ranking
from desktop.voting.tally import LeftOut


def notices(ranking: Ranking) -> tuple[Phrase, ...]:
    """Return the notices, most important first."""
    if not ranking.models:
        return tuple(_left_out(ranking))
    return (
        *_parts(ranking),
        *_prior(ranking),
        *_left_out(ranking),
        *_pooled(ranking),
        *_shown(ranking),
        *_few(ranking),
    )


def _parts(ranking: Ranking) -> Iterator[Phrase]:
    if len(ranking.parts) < 2:
        return
    yield phrase(
        "These models were never compared, directly or indirectly, so they are not ranked against each other: {parts}.",
        parts=bounded("; ".join(", ".join(part) for part in ranking.parts)),
    )
    if ranking.options.reference is not None:
        yield phrase(
            "Scores are relative to {name} only for models that can be compared with it.",
            name=ranking.options.reference,
        )


def _prior(ranking: Ranking) -> Iterator[Phrase]:
    if prior := ranking.options.prior:
        yield phrase(
            "Scores include one virtual tie per model (prior {prior}), so a few votes cannot produce extreme scores.",
            prior=f"{prior:g}",
        )
    if ranking.options.ties is Ties.HALF and any(pair.ties or pair.both_bad for pair in ranking.counts.pairs):
        yield phrase("Ties and “both bad” count as half a win for each side.")


def _left_out(ranking: Ranking) -> Iterator[Phrase]:
    excluded = ranking.counts.left_out
    if number := excluded.get(LeftOut.UNDONE):
        yield counted("{n} withdrawn vote is not counted.", "{n} withdrawn votes are not counted.", number)
    if number := excluded.get(LeftOut.SET_ASIDE):
        yield counted(
            "{n} vote is not counted: a response failed, was stopped or truncated, or the turn was edited.",
            "{n} votes are not counted: a response failed, was stopped or truncated, or the turn was edited.",
            number,
        )
    if number := excluded.get(LeftOut.SIGHTED):
        yield counted(
            "{n} vote given with model names visible is not counted.",
            "{n} votes given with model names visible are not counted.",
            number,
        )
    if number := excluded.get(LeftOut.NAMED):
        yield counted(
            "{n} vote is not counted: a response names a model or its publisher.",
            "{n} votes are not counted: a response names a model or its publisher.",
            number,
        )
    if number := excluded.get(LeftOut.ITSELF):
        yield counted(
            "{n} vote compares a model with itself and is not counted.",
            "{n} votes compare a model with itself and are not counted.",
            number,
        )
    if number := excluded.get(LeftOut.FILTERED):
        yield counted(
            "{n} vote does not match the selected tag, judge or date.",
            "{n} votes do not match the selected tag, judge or date.",
            number,
        )


def _pooled(ranking: Ranking) -> Iterator[Phrase]:
    for name, servers in ranking.counts.servers.items():
        yield phrase(
            "The server served several models under the name {model}: {names}.",
            model=name,
            names=bounded(", ".join(servers)),
        )
    if number := ranking.counts.speed_visible:
        yield counted(
            "{n} vote was given while response speed was visible.",
            "{n} votes were given while response speed was visible.",
            number,
        )


def _shown(ranking: Ranking) -> Iterator[Phrase]:
    won, decided = ranking.first_shown
    if not decided:
        return
    interval = ranking.first_shown_interval
    share, low, high = (f"{100 * each:.0f}" for each in (won / decided, *interval))
    if interval.low > 0.5 or interval.high < 0.5:
        yield phrase(
            "Position bias: the first response won {share}% of decided pairs (95% CI {low}–{high}%).",
            share=share,
            low=low,
            high=high,
        )
    else:
        yield phrase(
            "The first response won {share}% of decided pairs (95% CI {low}–{high}%): no clear position bias.",
            share=share,
            low=low,
            high=high,
        )


def _few(ranking: Ranking) -> Iterator[Phrase]:
    if ranking.counts.prompts < LEAST_PROMPTS:
        yield counted(
            "All votes are on {n} prompt. Conclusions need at least {least}.",
            "All votes are on {n} prompts. Conclusions need at least {least}.",
            ranking.counts.prompts,
            least=LEAST_PROMPTS,
        )
    for part in ranking.parts:
        if len(part) > 1 and is_fragile(ranking, part):
            yield phrase("If two of the votes were removed, another model would rank above {name}.", name=part[0])
