"""What of a conversation is sent: rough token counts, turns that fit the context window; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from desktop.domain.conversation_types import FileLeftOut, Message, Role
from desktop.providers.provider import AttachedPart, ChatMessage, QuotedFile
from desktop.text.token_estimate import estimate_tokens

_MESSAGE_OVERHEAD = 4
"""Tokens that roles and separators of a message take in common chat templates."""


class FilesAsSent(Struct, frozen=True):
    """What a model is given of one message's files: texts to stand before its own, parts, tokens, what it lacks."""

    quoted: tuple[QuotedFile, ...] = ()
    attached: tuple[AttachedPart, ...] = ()
    tokens: int = 0
    nothing: tuple[FileLeftOut, ...] = ()

    @property
    def text(self) -> str:
        """What stands before the message's own words."""
        return "\n\n".join(each.text for each in self.quoted)


_NO_FILES: Mapping[str, FilesAsSent] = {}


class Fitted(Struct, frozen=True):
    """Messages to send, and how many of the oldest turns were left out for want of room."""

    messages: tuple[ChatMessage, ...]
    left_out: int = 0


def fit(
    path: Sequence[Message],
    *,
    system: str,
    window: int | None,
    reserve: int,
    given: Mapping[str, FilesAsSent] = _NO_FILES,
) -> Fitted:
    """The system prompt and as many of the newest turns of `path` as fit in `window` tokens less `reserve`.

    `path` runs from the root to the prompt that is to be answered. That prompt is always sent, also alone: whether it
    fits is the server's to say. Turns without an answer's text are not sent, so that roles alternate. `given` says by
    message what the model gets of files.
    """
    turns = _turns(path)
    head = (ChatMessage(role=Role.SYSTEM, text=system),) if system else ()
    left_out = 0 if window is None else _left_out(turns, window - reserve - _size(system), given)
    said = (_sent(message, given.get(message.id)) for turn in turns[left_out:] for message in turn)
    return Fitted((*head, *said), left_out)


def _sent(message: Message, given: FilesAsSent | None) -> ChatMessage:
    """A message as it is sent, what is attached to it before its own words."""
    if given is None:
        return ChatMessage(role=message.role, text=message.text)
    text = "\n\n".join(filter(None, (given.text, message.text)))
    quoted, said = (given.quoted, message.text) if given.quoted else ((), None)
    return ChatMessage(role=message.role, text=text, attached=given.attached, quoted=quoted, said=said)


def turns_left_out(path: Sequence[Message], *, system: str, window: int, reserve: int) -> int:
    """How many turns `fit` leaves out."""
    return _left_out(_turns(path), window - reserve - _size(system), _NO_FILES)


def _left_out(turns: Sequence[tuple[Message, ...]], room: int, given: Mapping[str, FilesAsSent]) -> int:
    """How many of the oldest turns have no room; the last one always has."""
    for kept, turn in enumerate(reversed(turns)):
        for message in turn:
            room -= _size(message.text) + (given[message.id].tokens if message.id in given else 0)
        if kept and room < 0:
            return len(turns) - kept
    return 0


def shorten(messages: Sequence[ChatMessage]) -> Fitted | None:
    """The messages without the oldest third of their turns, at least one; None where only the last prompt is left.

    For servers whose count says that what was estimated to fit does not.
    """
    head = tuple(message for message in messages[:1] if message.role is Role.SYSTEM)
    rest = list(messages[len(head) :])
    starts = [place for place, message in enumerate(rest) if message.role is Role.USER]
    if len(starts) < 2:
        return None
    dropped = max(1, len(starts) // 3)
    return Fitted((*head, *rest[starts[dropped] :]), dropped)


def _turns(path: Sequence[Message]) -> list[tuple[Message, ...]]:
    """Prompts with their answers; prompts without one are left out, but for the last."""
    turns: list[tuple[Message, ...]] = []
    prompt: Message | None = None
    for message in path:
        if message.role is Role.USER:
            prompt = message
        elif message.role is Role.ASSISTANT:
            if message.text:
                turns.append((prompt, message) if prompt else (message,))
            prompt = None
    if prompt is not None:
        turns.append((prompt,))
    return turns


def _size(text: str) -> int:
    return estimate_tokens(text) + _MESSAGE_OVERHEAD if text else 0
