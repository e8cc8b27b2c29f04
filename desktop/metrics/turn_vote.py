"""Vote with visible names on one turn of a comparison, and whether it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from desktop.domain.conversation_types import Conversation, Message, Status, new_id, now
from desktop.metrics.alignment import Alignment
from desktop.voting.blind_round import SetAside, contender_in, why_set_aside
from desktop.voting.vote import Vote, best_of


class TurnAnswer(NamedTuple):
    """Prompt and response in one conversation's turn."""

    conversation: Conversation
    prompt: Message
    answer: Message

    @property
    def is_whole(self) -> bool:
        """Whether the response is complete."""
        return why_set_aside([self.answer]) is None


class VotedTurn(NamedTuple):
    """A turn, numbered from 0, with its responses by pane. `place` is the index of the chosen one."""

    number: int
    answers: tuple[TurnAnswer, ...]
    place: int

    @property
    def can_be_voted(self) -> bool:
        """Whether the chosen response and another one are complete, and none is streaming."""
        ended = all(each.answer.status is not Status.STREAMING for each in self.answers)
        whole = sum(each.is_whole for each in self.answers)
        return ended and whole > 1 and self.answers[self.place].is_whole

    @property
    def set_aside(self) -> SetAside | None:
        """Reason why a vote is not counted, or None."""
        first = self.answers[0].prompt
        if any((each.prompt.text, each.prompt.files) != (first.text, first.files) for each in self.answers):
            return SetAside.EDITED
        return why_set_aside([each.answer for each in self.answers])


def last_turn(conversations: Sequence[Conversation], alignment: Alignment, place: int) -> VotedTurn | None:
    """Return the last turn in which a conversation has a response, or None.

    `alignment` is the alignment of all these conversations.
    """
    for number in range(alignment.last, -1, -1):
        answers = [
            (at, TurnAnswer(conversations[at], *said))
            for at, asked in enumerate(alignment.turns[number])
            if asked is not None and (said := alignment.answered(at, asked)) is not None
        ]
        places = [at for at, _ in answers]
        if place in places:
            return VotedTurn(number, tuple(each for _, each in answers), places.index(place))
    return None


def best_of_turn(turn: VotedTurn, comparison_id: str) -> Vote:
    """Return a vote for the chosen response in a turn."""
    aside = turn.set_aside
    return Vote(
        id=new_id(),
        at=now(),
        judge="you",
        comparison=comparison_id,
        turn=str(turn.number),
        prompt=turn.answers[turn.place].prompt.text,
        contenders=tuple(contender_in(each.conversation, each.answer) for each in turn.answers),
        answers=tuple(each.answer.id for each in turn.answers),
        outcome=best_of(turn.place, len(turn.answers)),
        blind=False,
        speed_visible=True,
        set_aside=aside.value if aside is not None else None,
    )
