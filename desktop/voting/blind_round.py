"""Blind round: one prompt to several models, whose names are hidden until the reveal. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from random import Random

import msgspec

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, Status, Value, new_id, now
from desktop.domain.message_parts import TextPart
from desktop.receipts.receipt import Receipt
from desktop.text.phrases import phrase
from desktop.voting.contender import Contender, contender_of
from desktop.voting.vote import Outcome, Vote

NOBODY = ""
"""Connection of a model whose name is hidden. The model's name is then the letter of its position."""


NOT_REVEALED = phrase("This blind round has not been revealed yet: an export would reveal the models.")
"""Message that an unrevealed round cannot be exported."""


class Showing(StrEnum):
    """When responses become visible. The values are stored and must not change."""

    HELD = "held"  # all at once, after the last response is complete
    PACED = "paced"  # all at the same pace, after the last response is complete
    AS_THEY_COME = "as they come"  # as they arrive: votes are not blind to speed


class SetAside(StrEnum):
    """Reason why a vote is not counted. The values are stored and must not change."""

    ERROR = "error"  # a response failed
    STOPPED = "stopped"  # a response was stopped or interrupted
    CUT = "cut"  # a response reached its length limit
    EDITED = "edited"  # the prompts differ: one of the turn was edited


class BlindRound(Value, frozen=True, kw_only=True):
    """A blind round, from shuffling the models to revealing their names.

    `conversations` are in display order, `models` in the order in which they were chosen, which the next round
    shuffles. `asked_at` is when the prompt was sent; None before that, and in data from older versions. `receipts` are
    by response ID.
    """

    id: str
    created_at: datetime
    conversations: tuple[Conversation, ...]
    models: tuple[PaneState, ...]
    showing: Showing = Showing.HELD
    asked_at: datetime | None = None
    receipts: Mapping[str, Receipt] = {}

    @property
    def prompt(self) -> str:
        """The prompt, or an empty string before it was sent."""
        asked = (each.text for each in self.conversations[0].path() if each.role is Role.USER)
        return next(asked, "")

    @property
    def answers(self) -> tuple[Message | None, ...]:
        """Responses in display order, with None for missing ones."""
        return tuple(_answer(each) for each in self.conversations)

    def with_receipt(self, answer_id: str, receipt: Receipt) -> BlindRound:
        """Return the round with the receipt of a response added."""
        return msgspec.structs.replace(self, receipts={**self.receipts, answer_id: receipt})

    def with_conversation(self, conversation: Conversation) -> BlindRound:
        """Return the round with one conversation replaced."""
        held = tuple(conversation if each.id == conversation.id else each for each in self.conversations)
        return msgspec.structs.replace(self, conversations=held)


def new_round(models: Sequence[PaneState], draw: Random, showing: Showing = Showing.HELD) -> BlindRound:
    """Return a round with these models in random order, each with a new conversation."""
    at = now()
    fresh = [
        Conversation(
            id=new_id(),
            title="",
            model=each.model,
            created_at=at,
            updated_at=at,
            system=each.system,
            parameters=each.parameters,
            tools=each.tools,
        )
        for each in models
    ]
    draw.shuffle(fresh)
    return BlindRound(id=new_id(), created_at=at, conversations=tuple(fresh), models=tuple(models), showing=showing)


def letter(place: int) -> str:
    """Return the letter for a position, starting with A."""
    return chr(ord("A") + place)


def unnamed(message: Message, place: int) -> Message:
    """Return a message as shown before the reveal, with only its text.

    Reasoning, figures, sources and error messages could identify a model.
    """
    is_prompt = message.role is Role.USER
    return Message(
        id=message.id,  # still the same message after the reveal
        parent=message.parent,
        role=message.role,
        parts=message.parts if is_prompt else tuple(each for each in message.parts if isinstance(each, TextPart)),
        status=Status.COMPLETE,
        created_at=message.created_at,
        model=None if is_prompt else ModelRef(connection=NOBODY, name=letter(place)),
    )


def why_set_aside(answers: Sequence[Message | None]) -> SetAside | None:
    """Return the reason why a vote on these responses is not counted, or None."""
    states = {each.status if each is not None else Status.FAILED for each in answers}
    if Status.FAILED in states:
        return SetAside.ERROR
    if states != {Status.COMPLETE}:
        return SetAside.STOPPED
    reasons = (each.figures.finish_reason for each in answers if each is not None and each.figures is not None)
    return SetAside.CUT if "length" in reasons else None


def vote_on(
    held: BlindRound, outcome: Outcome, *, blind: bool = True, tags: Sequence[str] = (), note: str = "", named: bool
) -> Vote:
    """Return the vote on a round. `named` says whether a response names a model or its maker."""
    answers = held.answers
    aside = why_set_aside(answers)
    return Vote(
        id=new_id(),
        at=now(),
        judge="you",
        comparison=held.id,
        turn="0",
        prompt=held.prompt,
        contenders=tuple(map(contender_in, held.conversations, answers)),
        answers=tuple(answer.id for answer in answers if answer is not None) if all(answers) else (),
        outcome=outcome,
        blind=blind,
        speed_visible=held.showing is Showing.AS_THEY_COME,
        tags=tuple(tags),
        note=note,
        set_aside=aside.value if aside is not None else None,
        names_model=named,
    )


def _answer(conversation: Conversation) -> Message | None:
    path = conversation.path()
    return path[-1] if path and path[-1].role is Role.ASSISTANT else None


def contender_in(conversation: Conversation, answer: Message | None) -> Contender:
    """Return the contender in a conversation, including the model name that its server reported."""
    figures = answer.figures if answer is not None else None
    server_model = figures.server_model if figures is not None else None
    return contender_of(conversation.model, conversation.parameters, conversation.system, server_model)
