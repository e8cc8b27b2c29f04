"""What of a conversation is sent: rough token counts, turns that fit the context window, titles; pure."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.domain import Message, Role
from desktop.providers.base import ChatMessage

_MESSAGE_OVERHEAD = 4
"""Tokens that roles and separators of a message take in common chat templates."""

_TITLE_LENGTH = 60
_WIDE_FROM = 0x2E80
"""From here on (CJK and after) about a token a character; before, about four characters a token."""


def estimate_tokens(text: str) -> int:
    """A rough count, mostly within a fifth, for texts whose tokenizer is not at hand."""
    if text.isascii():
        return math.ceil(len(text) / 4)
    wide = sum(1 for char in text if ord(char) >= _WIDE_FROM)
    other = sum(1 for char in text if 0x80 <= ord(char) < _WIDE_FROM)
    return math.ceil((len(text) - wide - other) / 4 + other / 2 + wide)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Messages to send, and how many of the oldest turns were left out for want of room."""

    messages: tuple[ChatMessage, ...]
    left_out: int = 0


def fit(path: Sequence[Message], *, system: str, window: int | None, reserve: int) -> Fitted:
    """The system prompt and as many of the newest turns of `path` as fit in `window` tokens less `reserve`.

    `path` runs from the root to the prompt that is to be answered. That prompt is always sent, also alone: whether it
    fits is the server's to say. Turns without an answer's text are not sent, so that roles alternate.
    """
    turns = _turns(path)
    head = (ChatMessage(role=Role.SYSTEM, text=system),) if system else ()
    if window is None:
        return Fitted(head + tuple(message for turn in turns for message in turn))
    room = window - reserve - _size(head)
    kept: list[tuple[ChatMessage, ...]] = []
    for turn in reversed(turns):
        room -= _size(turn)
        if kept and room < 0:
            break
        kept.append(turn)
    kept.reverse()
    return Fitted(head + tuple(message for turn in kept for message in turn), len(turns) - len(kept))


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


def _turns(path: Sequence[Message]) -> list[tuple[ChatMessage, ...]]:
    turns: list[tuple[ChatMessage, ...]] = []
    prompt: Message | None = None
    for message in path:
        if message.role is Role.USER:
            prompt = message
        elif message.role is Role.ASSISTANT and message.text:
            said = (ChatMessage(role=Role.ASSISTANT, text=message.text),)
            turns.append((ChatMessage(role=Role.USER, text=prompt.text), *said) if prompt else said)
            prompt = None
        elif message.role is Role.ASSISTANT:
            prompt = None
    if prompt is not None:
        turns.append((ChatMessage(role=Role.USER, text=prompt.text),))
    return turns


def _size(messages: Sequence[ChatMessage]) -> int:
    return sum(estimate_tokens(message.text) + _MESSAGE_OVERHEAD for message in messages)


def title_of(prompt: str) -> str:
    """A conversation's title from its first prompt: the first line with words, shortened at a word."""
    lines = (" ".join(_printable(line).split()).lstrip("#>*- ") for line in prompt.splitlines())
    line = next((line for line in lines if line), "")
    if len(line) <= _TITLE_LENGTH:
        return line or "Untitled"
    cut = line[: _TITLE_LENGTH - 1]
    word = cut.rpartition(" ")[0]
    return (word if len(word) > _TITLE_LENGTH // 2 else cut).rstrip(",;:. ") + "…"


def _printable(text: str) -> str:
    return "".join(char if unicodedata.category(char)[0] != "C" or char == "\u200d" else " " for char in text)
