"""Outcomes of a replay: win 1, tie ½, loss 0 for a successor, by item and by conversation. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from desktop.domain.suite_cells import PairChoice, PairVerdict
from desktop.replay.replay_plan import ReplayItem
from desktop.replay.review import REVIEWER
from desktop.stats.mean_intervals import mean_of
from desktop.stats.proportions import Interval, wilson

SIMILAR = 1.2
"""Ratio up to which the lengths of two answers count as similar."""


class OutcomeTally(NamedTuple):
    """Number of items by outcome for a successor; both-bad items are among the ties."""

    wins: int = 0
    ties: int = 0
    losses: int = 0
    both_bad: int = 0
    skipped: int = 0

    @property
    def judged(self) -> int:
        """Items with an outcome."""
        return self.wins + self.ties + self.losses


class OutcomeShare(NamedTuple):
    """OutcomeShare with its 95% Wilson interval; None without cases."""

    part: int
    whole: int
    interval: Interval | None

    @property
    def excludes_half(self) -> bool:
        """Whether the interval excludes ½."""
        return self.interval is not None and not self.interval.low <= 0.5 <= self.interval.high


def share(part: int, whole: int) -> OutcomeShare:
    """Return a share with its interval."""
    return OutcomeShare(part, whole, wilson(part, whole) if whole else None)


def outcome_of(verdict: PairVerdict) -> float | None:
    """Return the outcome for the successor; None if the pair was skipped or the judge's verdict is unreadable."""
    if verdict.winner is None or PairChoice.SKIPPED in verdict.choices:
        return None
    return (1 - verdict.winner) / 2  # the winner is 1 for the incumbent, which is a


def is_both_bad(verdict: PairVerdict) -> bool:
    """Whether the reviewer found both answers bad."""
    return PairChoice.BOTH_BAD in verdict.choices


def of_items(verdicts: Iterable[PairVerdict], judge: str, contender: int) -> dict[int, float]:
    """Return a judge's outcome of each item for one contender, the mean of its repeats."""
    found: defaultdict[int, list[float]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.judge == judge and verdict.b == contender + 1 and (value := outcome_of(verdict)) is not None:
            found[verdict.case].append(value)
    return {item: mean_of(values) for item, values in found.items()}


def tally(verdicts: Iterable[PairVerdict], judge: str, contender: int) -> OutcomeTally:
    """Return how many items a contender won, tied and lost, by one judge."""
    wins = ties = losses = bad = skipped = 0
    for verdict in verdicts:
        if verdict.judge != judge or verdict.b != contender + 1:
            continue
        value = outcome_of(verdict)
        if value is None:
            skipped += 1
            continue
        wins, ties, losses = wins + (value == 1), ties + (value == 0.5), losses + (value == 0)
        bad += is_both_bad(verdict)
    return OutcomeTally(wins, ties, losses, bad, skipped)


def by_conversation(items: Sequence[ReplayItem], outcomes: Mapping[int, float]) -> dict[str, float]:
    """Return each conversation's mean outcome."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for item, value in outcomes.items():
        found[items[item].conversation].append(value)
    return {conversation: mean_of(values) for conversation, values in found.items()}


def complete_conversations(
    items: Sequence[ReplayItem], verdicts: Iterable[PairVerdict], contender: int, answered: Collection[int]
) -> frozenset[str]:
    """Return the conversations of which a person reviewed, or skipped, every answered item."""
    seen = {each.case for each in verdicts if each.judge == REVIEWER and each.b == contender + 1}
    begun = {items[item].conversation for item in seen}
    left = {items[item].conversation for item in answered if item not in seen}
    return frozenset(begun - left)


def longer_won(verdicts: Iterable[PairVerdict]) -> OutcomeShare:
    """Return the share of decided pairs that the longer answer won; pairs of equal length are left out."""
    won = decided = 0
    for verdict in verdicts:
        (a, b), winner = verdict.lengths, verdict.winner
        if winner and a != b and outcome_of(verdict) is not None:
            decided += 1
            won += (winner > 0) == (a > b)
    return share(won, decided)


def are_similar(verdict: PairVerdict) -> bool:
    """Whether both answers are about equally long."""
    shorter, longer = sorted(verdict.lengths)
    return longer <= SIMILAR * shorter


def first_won(verdicts: Iterable[PairVerdict]) -> OutcomeShare:
    """Return the share of a person's decided pairs that the left answer won."""
    won = decided = 0
    for verdict in verdicts:
        winner = verdict.winner
        if verdict.shown is not None and winner and outcome_of(verdict) is not None:
            decided += 1
            won += (winner > 0) == (verdict.shown == 0)
    return share(won, decided)


def agreement_with_oneself(first: Iterable[PairVerdict], again: Iterable[PairVerdict]) -> OutcomeShare:
    """Return the share of pairs that came back and were given the same outcome."""
    before = {(each.case, each.b): outcome_of(each) for each in first}
    same = compared = 0
    for verdict in again:
        value, earlier = outcome_of(verdict), before.get((verdict.case, verdict.b))
        if value is not None and earlier is not None:
            compared += 1
            same += value == earlier
    return share(same, compared)
