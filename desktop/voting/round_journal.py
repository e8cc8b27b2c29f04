"""Journal of the responses in a blind round. They are stored with the round, separate from conversations."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

import msgspec

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import Part, PartKind, ReasoningPart, TextPart
from desktop.receipts.receipt import Receipt

_AT_ONCE = 16_000
"""Length in characters up to which text is written as it arrives. Longer text is written after growing by a quarter."""
_LONGEST_S = 3.0
"""Seconds after which text is written in any case."""


class RoundJournal:
    """Journal of one conversation in a blind round.

    The round's conversations are not listed or searchable before the reveal, so that nothing identifies the models.
    Each write stores the whole round, so further text of a long response is buffered until enough has arrived.

    Args:
        keep: Stores the round with the current conversation, optionally waiting for the disk (for prompts and
            ends).
        told: Receives a response's receipt before its final write.
    """

    def __init__(
        self,
        keep: Callable[[Conversation, bool], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[str, Receipt], None] = lambda _answer, _receipt: None,
    ) -> None:
        self._keep = keep
        self._told = told
        self._clock = clock
        self._written_at = 0.0
        self._conversation: Conversation | None = None
        self._written = 0
        self._waiting: list[tuple[PartKind, str]] = []

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Store the prompt and an empty response.

        Raises:
            StoreError: If they could not be stored.
        """
        added = (prompt, answer) if prompt is not None else (answer,)
        await self._write(
            msgspec.structs.replace(conversation, messages=(*conversation.messages, *added), current=answer.id)
        )
        self._written, self._waiting = 0, []

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Store or buffer more of the response.

        Raises:
            StoreError: If it could not be stored. The deltas may be passed again.
        """
        if self._conversation is None:
            return
        waiting = [*self._waiting, *deltas]
        size = sum(len(text) for _, text in waiting)
        is_due = self._clock() - self._written_at > _LONGEST_S
        if self._written > _AT_ONCE and size < self._written // 4 and not is_due:
            self._waiting = waiting
            return
        *before, answer = self._conversation.messages
        assert answer.id == answer_id
        grown = msgspec.structs.replace(answer, parts=_grown(answer.parts, waiting))
        await self._write(msgspec.structs.replace(self._conversation, messages=(*before, grown)), durable=False)
        self._written, self._waiting = self._written + size, []

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Store the finished response.

        Raises:
            StoreError: If it could not be stored.
        """
        if receipt is not None:
            self._told(message.id, receipt)
        if self._conversation is not None:
            before = self._conversation.messages[:-1]
            await self._write(msgspec.structs.replace(self._conversation, messages=(*before, message)))
            self._waiting = []

    async def _write(self, conversation: Conversation, *, durable: bool = True) -> None:
        await self._keep(conversation, durable)
        self._conversation = conversation
        self._written_at = self._clock()


def _grown(parts: tuple[Part, ...], deltas: Sequence[tuple[PartKind, str]]) -> tuple[Part, ...]:
    """Append deltas to parts, joining consecutive deltas of the same kind."""
    grown = [*parts]
    for kind, run in groupby(deltas, key=lambda each: each[0]):
        part_type = TextPart if kind is PartKind.TEXT else ReasoningPart
        text = "".join(each for _, each in run)
        last = grown[-1] if grown else None
        if isinstance(last, part_type):
            grown[-1] = part_type(text=last.text + text)
        else:
            grown.append(part_type(text=text))
    return tuple(grown)
