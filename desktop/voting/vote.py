"""A vote: a judgement on the answers of one turn, an order with ties or "all bad", with what it was given on; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from desktop.domain.conversation_types import Value
from desktop.text.phrases import Phrase, phrase
from desktop.voting.contender import Contender

FIRST, SECOND, TIE, BAD = range(4)
"""Results of a pair: the one that was shown first won, the other, neither, and both were bad."""

MOST_ANSWERS = 16
"""Of one vote: as many as there are panes."""

MOST_TAGS, LONGEST_TAG = 50, 200
"""Of one vote, and characters of each."""


class Outcome(Value, frozen=True, kw_only=True, gc=False):
    """An order with ties: the rank of each answer as they were shown, 0 for the best; or all of them were bad.

    Ranks count without gaps. `all_bad` comes with the same rank for all. Raises ValueError for anything else.
    """

    ranks: tuple[int, ...]
    all_bad: bool = False

    def __post_init__(self) -> None:
        ranks = self.ranks
        if not 1 < len(ranks) <= MOST_ANSWERS:
            raise ValueError(f"a vote is on 2 to {MOST_ANSWERS} answers")
        if min(ranks) or max(ranks) + 1 != len({*ranks}):
            raise ValueError("ranks count from 0 without gaps")
        if self.all_bad and max(ranks):
            raise ValueError("where all are bad none is better")

    def results(self) -> Iterator[tuple[int, int, int]]:
        """Each pair of answers by their places, the one that was shown first before the other, with its result."""
        for one, other in combinations(range(len(self.ranks)), 2):
            lead = self.ranks[other] - self.ranks[one]
            yield one, other, BAD if self.all_bad else FIRST if lead > 0 else SECOND if lead < 0 else TIE


def best_of(place: int, answers: int = 2) -> Outcome:
    """The answer at `place` is better than the others, which are equal."""
    return Outcome(ranks=tuple(int(each != place) for each in range(answers)))


def tie(answers: int = 2) -> Outcome:
    """All are equally good."""
    return Outcome(ranks=(0,) * answers)


def both_bad(answers: int = 2) -> Outcome:
    """All are bad."""
    return Outcome(ranks=(0,) * answers, all_bad=True)


def order(values: Sequence[float]) -> Outcome:
    """The order of answers with such values, the least being the best; equal values tie."""
    steps = {value: rank for rank, value in enumerate(sorted({*values}))}
    return Outcome(ranks=tuple(steps[value] for value in values))


class Vote(Value, frozen=True, kw_only=True, gc=False):
    """One judgement. `contenders` and `answers` (ids of messages) stand in the order in which they were shown.

    `at` is aware. `prompt` is the prompt's text, or its digest where no text is kept. `comparison` and `turn` say where
    it was given. `speed_visible` is whether answers were shown as they came. `undone` is when it was taken back;
    `set_aside` says why it does not count: after an error, a stop, a cut answer, an edit. `names_model` is whether an
    answer named a model or its maker. Raises ValueError where these do not fit one another.
    """

    id: str
    at: datetime
    contenders: tuple[Contender, ...]
    outcome: Outcome
    judge: str = ""
    comparison: str | None = None
    turn: str | None = None
    prompt: str = ""
    answers: tuple[str, ...] = ()
    blind: bool = True
    speed_visible: bool = False
    tags: tuple[str, ...] = ()
    note: str = ""
    undone: datetime | None = None
    set_aside: str | None = None
    names_model: bool = False

    def __post_init__(self) -> None:
        if len(self.contenders) != len(self.outcome.ranks):
            raise ValueError("each contender has a rank")
        if self.answers and len(self.answers) != len(self.contenders):
            raise ValueError("each contender has an answer")
        if self.at.tzinfo is None or (self.undone is not None and self.undone.tzinfo is None):
            raise ValueError("a time needs its zone")
        for each in self.contenders:  # as all else here often done: thousands of votes are read at once
            if not each.model:
                raise ValueError("a contender needs a name")


def unfit_tags(tags: Sequence[str]) -> Phrase | None:
    """Why a vote with these tags is not taken; None where it is."""
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        return phrase("it has more than {most} tags, or a tag that is too long", most=MOST_TAGS)
    return None
