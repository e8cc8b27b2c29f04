"""A blind round: one prompt to several models, of which nobody is told which is which before the reveal; pure."""

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
"""The connection of a model whose name is not told: its name is the letter of its place."""


NOT_REVEALED = phrase("This blind round has not been revealed yet: an export would reveal the models.")
"""Why a round is not exported before its reveal."""


class Showing(StrEnum):
    """When answers are shown; the values are kept with rounds: they stay."""

    HELD = "held"  # all at once, when the last one has ended
    PACED = "paced"  # all at one pace, once the last one has ended
    AS_THEY_COME = "as they come"  # what streams fastest is seen: votes are not blind to speed


class SetAside(StrEnum):
    """Why a vote does not count; the values are kept with votes: they stay."""

    ERROR = "error"  # an answer failed
    STOPPED = "stopped"  # an answer was stopped or broke off
    CUT = "cut"  # an answer reached its limit
    EDITED = "edited"  # not all were asked the same: a prompt of the turn was edited


class BlindRound(Value, frozen=True, kw_only=True):
    """From the shuffle to the reveal. `conversations` stand in the order in which they are shown.

    `models` are the same in the order in which they were chosen, which the next round is shuffled from. `asked_at` is
    when its prompt was sent; None before, and in what older versions kept. `receipts` say by answer what was sent.
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
        """What was asked; empty before."""
        asked = (each.text for each in self.conversations[0].path() if each.role is Role.USER)
        return next(asked, "")

    @property
    def answers(self) -> tuple[Message | None, ...]:
        """The answers as they are shown, None where there is none yet."""
        return tuple(_answer(each) for each in self.conversations)

    def with_receipt(self, answer_id: str, receipt: Receipt) -> BlindRound:
        """The same with what was sent for an answer."""
        return msgspec.structs.replace(self, receipts={**self.receipts, answer_id: receipt})

    def with_conversation(self, conversation: Conversation) -> BlindRound:
        """The same with one conversation as it stands now."""
        held = tuple(conversation if each.id == conversation.id else each for each in self.conversations)
        return msgspec.structs.replace(self, conversations=held)


def new_round(models: Sequence[PaneState], draw: Random, showing: Showing = Showing.HELD) -> BlindRound:
    """A round of these models in an order that is drawn, each in a fresh conversation."""
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
        )
        for each in models
    ]
    draw.shuffle(fresh)
    return BlindRound(id=new_id(), created_at=at, conversations=tuple(fresh), models=tuple(models), showing=showing)


def letter(place: int) -> str:
    """What the answer at a place is called, from A."""
    return chr(ord("A") + place)


def unnamed(message: Message, place: int) -> Message:
    """A message as it is shown before the reveal: words alone, without whose they are and what is known of them.

    Thoughts, figures, sources and the words of an error tell a model by their form or by name.
    """
    is_prompt = message.role is Role.USER
    return Message(
        id=message.id,  # it is shown on as the same one once the names are told
        parent=message.parent,
        role=message.role,
        parts=message.parts if is_prompt else tuple(each for each in message.parts if isinstance(each, TextPart)),
        status=Status.COMPLETE,
        created_at=message.created_at,
        model=None if is_prompt else ModelRef(connection=NOBODY, name=letter(place)),
    )


def why_set_aside(answers: Sequence[Message | None]) -> SetAside | None:
    """Why a vote on these answers does not count; None where it does."""
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
    """The vote on a round; `named` says whether an answer names a model or its maker."""
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
    """The contender that answered in a conversation, by the name that its server gave in this answer."""
    figures = answer.figures if answer is not None else None
    server_model = figures.server_model if figures is not None else None
    return contender_of(conversation.model, conversation.parameters, conversation.system, server_model)
