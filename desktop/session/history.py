"""Messages sent with a prompt: estimated tokens, and the turns that fit the context window. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from desktop.domain.conversation_types import FileLeftOut, Message, Role
from desktop.domain.message_parts import called_words
from desktop.providers.provider import AttachedPart, ChatMessage, QuotedFile
from desktop.session.answer_content import as_messages, has_results
from desktop.text.token_estimate import estimate_tokens

_MESSAGE_OVERHEAD = 4
"""Tokens for the role and the separators of a message in common chat templates."""


class FilesAsSent(Struct, frozen=True):
    """One message's files as sent: quoted texts, parts, their tokens, and files that were not sent."""

    quoted: tuple[QuotedFile, ...] = ()
    attached: tuple[AttachedPart, ...] = ()
    tokens: int = 0
    nothing: tuple[FileLeftOut, ...] = ()

    @property
    def text(self) -> str:
        """Quoted texts, which are placed before the message's own text."""
        return "\n\n".join(each.text for each in self.quoted)


NO_FILES: Mapping[str, FilesAsSent] = {}


class Fitted(Struct, frozen=True):
    """Messages to send, and the number of oldest turns that are not sent."""

    messages: tuple[ChatMessage, ...]
    left_out: int = 0


def fit(
    path: Sequence[Message],
    *,
    system: str,
    window: int | None,
    reserve: int,
    given: Mapping[str, FilesAsSent] = NO_FILES,
    offers_tools: bool = False,
) -> Fitted:
    """Return the system prompt and the newest turns of `path` that fit in `window` minus `reserve` tokens.

    The last prompt is always sent; the server decides whether it fits. Turns without response text are skipped so that
    roles alternate.

    Args:
        path: Messages from the root to the prompt to answer.
        given: Files as sent, by message id.
        offers_tools: Whether the request offers tools, so that earlier calls are sent as such and not as text.
    """
    turns = _turns(path)
    head = (ChatMessage(role=Role.SYSTEM, text=system),) if system else ()
    left_out = 0 if window is None else _left_out(turns, window - reserve - _size(system), given)
    kept = (message for turn in turns[left_out:] for message in turn)
    said = (each for message in kept for each in _sent(message, given.get(message.id), offers_tools=offers_tools))
    return Fitted((*head, *said), left_out)


def _sent(message: Message, given: FilesAsSent | None, *, offers_tools: bool) -> tuple[ChatMessage, ...]:
    """Return a message as sent: a prompt with attachments before its text, a response with its tool calls."""
    if message.role is Role.ASSISTANT or given is None:
        return as_messages(message, offers_tools=offers_tools)
    text = "\n\n".join(filter(None, (given.text, message.text)))
    quoted, said = (given.quoted, message.text) if given.quoted else ((), None)
    return (ChatMessage(role=message.role, text=text, attached=given.attached, quoted=quoted, said=said),)


def turns_left_out(path: Sequence[Message], *, system: str, window: int, reserve: int) -> int:
    """Return how many turns `fit` would exclude."""
    return _left_out(_turns(path), window - reserve - _size(system), NO_FILES)


def _left_out(turns: Sequence[tuple[Message, ...]], room: int, given: Mapping[str, FilesAsSent]) -> int:
    """Return how many of the oldest turns do not fit; the last turn always counts as fitting."""
    for kept, turn in enumerate(reversed(turns)):
        for message in turn:
            room -= (
                _size(message.text)
                + _size(called_words(message.parts))
                + (given[message.id].tokens if message.id in given else 0)
            )
        if kept and room < 0:
            return len(turns) - kept
    return 0


def shorten(messages: Sequence[ChatMessage]) -> Fitted | None:
    """Drop the oldest third of the turns, at least one; return None if only the last prompt is left.

    Used when the server counts more tokens than estimated.
    """
    head = tuple(message for message in messages[:1] if message.role is Role.SYSTEM)
    rest = list(messages[len(head) :])
    starts = [place for place, message in enumerate(rest) if message.role is Role.USER and not message.results]
    if len(starts) < 2:
        return None
    dropped = max(1, len(starts) // 3)
    return Fitted((*head, *rest[starts[dropped] :]), dropped)


def _turns(path: Sequence[Message]) -> list[tuple[Message, ...]]:
    """Group prompts with their responses. Prompts without a response are skipped, except the last one."""
    turns: list[tuple[Message, ...]] = []
    prompt: Message | None = None
    for message in path:
        if message.role is Role.USER:
            prompt = message
        elif message.role is Role.ASSISTANT:
            if message.text or has_results(message.parts):
                turns.append((prompt, message) if prompt else (message,))
            prompt = None
    if prompt is not None:
        turns.append((prompt,))
    return turns


def _size(text: str) -> int:
    return estimate_tokens(text) + _MESSAGE_OVERHEAD if text else 0
