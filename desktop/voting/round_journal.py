"""Where the answers of a blind round are kept while they are made: with the round, apart from all conversations."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

import msgspec

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import Part, PartKind, ReasoningPart, TextPart
from desktop.receipts.receipt import Receipt

_AT_ONCE = 16_000
"""Characters up to which more of an answer is written as it comes; from then on when it has grown by a quarter."""
_LONGEST_S = 3.0
"""Seconds after which it is written all the same."""


class RoundJournal:
    """The Journal of one conversation of a round; `keep` writes the round with the conversation as it stands.

    It is told whether that is to be on the disk before anything goes on, as prompts and ends of answers are. `told` is
    given an answer's receipt before the answer is written as it ended.

    Nothing lists or finds a round's conversations, so that none tells which model is which before the reveal. Each time
    the round is written whole: so of a long answer the last part waits until it is worth that, or ends.
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
        """Keep the prompt and the empty answer. Raises StoreError."""
        added = (prompt, answer) if prompt is not None else (answer,)
        await self._write(
            msgspec.structs.replace(conversation, messages=(*conversation.messages, *added), current=answer.id)
        )
        self._written, self._waiting = 0, []

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Keep more of the answer, or hold it a while. Raises StoreError; the deltas may then be given again."""
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
        """Keep the answer as it ended. Raises StoreError."""
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
    """The parts with more behind them; what is of one kind is joined at once, however many pieces it came in."""
    found = [*parts]
    for kind, run in groupby(deltas, key=lambda each: each[0]):
        made = TextPart if kind is PartKind.TEXT else ReasoningPart
        text = "".join(each for _, each in run)
        last = found[-1] if found else None
        if isinstance(last, made):
            found[-1] = made(text=last.text + text)
        else:
            found.append(made(text=text))
    return tuple(found)
