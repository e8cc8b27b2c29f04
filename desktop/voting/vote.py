"""A vote on the responses of one turn: a ranking with ties, or “all bad”, and the circumstances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from desktop.domain.conversation_types import Value
from desktop.text.phrases import Phrase, phrase
from desktop.voting.contender import Contender

FIRST, SECOND, TIE, BAD = range(4)
"""Results of a pair: the first shown won, the second won, a tie, or both bad."""

MOST_ANSWERS = 16
"""Maximum number of responses in a vote, equal to the maximum number of panes."""

MOST_TAGS, LONGEST_TAG = 50, 200
"""Maximum number of tags of a vote, and maximum characters of each tag."""


class Outcome(Value, frozen=True, kw_only=True, gc=False):
    """A ranking with ties, as the rank of each response in display order (0 is the best), or “all bad”.

    Ranks have no gaps. With `all_bad`, all ranks are equal.

    Raises:
        ValueError: If the ranks are invalid.
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
        """Yield pairs of indexes in display order, with their result."""
        for one, other in combinations(range(len(self.ranks)), 2):
            lead = self.ranks[other] - self.ranks[one]
            yield one, other, BAD if self.all_bad else FIRST if lead > 0 else SECOND if lead < 0 else TIE


def best_of(place: int, answers: int = 2) -> Outcome:
    """Return the outcome in which one response is the best and the others tie."""
    return Outcome(ranks=tuple(int(each != place) for each in range(answers)))


def tie(answers: int = 2) -> Outcome:
    """Return the outcome in which all responses tie."""
    return Outcome(ranks=(0,) * answers)


def both_bad(answers: int = 2) -> Outcome:
    """Return the outcome in which all responses are bad."""
    return Outcome(ranks=(0,) * answers, all_bad=True)


def order(values: Sequence[float]) -> Outcome:
    """Return the outcome that ranks responses by ascending value. Equal values tie."""
    steps = {value: rank for rank, value in enumerate(sorted({*values}))}
    return Outcome(ranks=tuple(steps[value] for value in values))


class Vote(Value, frozen=True, kw_only=True, gc=False):
    """One judgment. `contenders` and `answers` (message IDs) are in display order.

    `at` is timezone-aware. `prompt` is the prompt's text, or its digest if no text is stored. `comparison` and `turn`
    say where the vote was given. `speed_visible` means that responses were shown as they arrived. `undone` is when the
    vote was withdrawn. `set_aside` is why it is not counted: an error, a stopped or cut response, or an edit.
    `names_model` means that a response named a model or its maker.

    Raises:
        ValueError: If the values are inconsistent.
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
        for each in self.contenders:  # called often: thousands of votes are read at once
            if not each.model:
                raise ValueError("a contender needs a name")


def unfit_tags(tags: Sequence[str]) -> Phrase | None:
    """Return why a vote with these tags is rejected, or None if the tags are valid."""
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        return phrase("it has more than {most} tags, or a tag that is too long", most=MOST_TAGS)
    return None
