"""Length bias of votes: how often the longer response won, with an interval. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from statistics import median
from typing import NamedTuple

from desktop.stats.proportions import wilson
from desktop.text.phrases import Phrase, phrase
from desktop.voting.intervals import effective_size
from desktop.voting.tally import VoteFilter, key_of
from desktop.voting.vote import FIRST, SECOND, Vote


class LengthEffect(NamedTuple):
    """Effect of length on votes: decided pairs of different known lengths, and how often the longer response won.

    `winner` and `loser` are median lengths in characters. `size` is the effective number of independent pairs, because
    pairs of the same prompt are correlated.
    """

    decided: int
    longer_won: int
    winner: float
    loser: float
    size: float


def length_effect(votes: Iterable[Vote], wanted: VoteFilter, lengths: Mapping[str, int]) -> LengthEffect:
    """Measure the effect over the counted votes.

    `lengths` maps the IDs of existing responses to their length in characters.
    """
    winners: list[int] = []
    losers: list[int] = []
    prompts: defaultdict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
    for vote in votes:
        known = [lengths.get(each) for each in vote.answers]
        if not known or wanted.against(vote) is not None:
            continue
        prompt = prompts[key_of(vote.prompt) if vote.prompt.strip() else (vote.id,)]
        for one, other, result in vote.outcome.results():
            first, second = known[one], known[other]
            if result in (FIRST, SECOND) and first is not None and second is not None and first != second:
                winners.append(first if result == FIRST else second)
                losers.append(second if result == FIRST else first)
                prompt[0] += winners[-1] > losers[-1]
                prompt[1] += 1
    longer = sum(won > lost for won, lost in zip(winners, losers, strict=True))
    size = effective_size((part, whole, 1) for part, whole in prompts.values())
    return LengthEffect(len(winners), longer, median(winners or [0]), median(losers or [0]), size)


def length_notice(effect: LengthEffect) -> Phrase | None:
    """Return a sentence about the effect, or None if no pair was decided."""
    if not effect.decided:
        return None
    interval = wilson(effect.size * effect.longer_won / effect.decided, effect.size)
    values = {
        "share": f"{100 * effect.longer_won / effect.decided:.0f}",
        "low": f"{100 * interval.low:.0f}",
        "high": f"{100 * interval.high:.0f}",
        "winner": f"{effect.winner:,.0f}",
        "loser": f"{effect.loser:,.0f}",
    }
    if interval.low > 0.5 or interval.high < 0.5:
        return phrase(
            "Length bias: the longer response won {share}% of decided pairs (95% CI {low}–{high}%; median "
            "length: winners {winner}, losers {loser} characters).",
            **values,
        )
    return phrase(
        "The longer response won {share}% of decided pairs (95% CI {low}–{high}%; median length: winners "
        "{winner}, losers {loser} characters).",
        **values,
    )
