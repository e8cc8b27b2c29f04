"""What people say in a request's JSON, over any wire, and the begun answer that it asks to go on with; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from desktop.catalog.sampling_parameters import texts_in
from desktop.domain.conversation_types import JsonValue

_LISTS = ("messages", "input")
_ABOVE = ("system", "instructions")
_WORDS = ("text", "filename", "title")
"""Where a part of a message has words: what is in it, and what its file is called."""


class BodyTexts(NamedTuple):
    """All texts of people in a request, those of the last message last: `newest` of them.

    `answer` is what the model said last of all or just before the last message, and `is_open` whether it has the last
    word: it is to go on with that. `beside` are the strings that are sent beside messages, with parameters for one.
    """

    texts: tuple[str, ...]
    newest: int
    answer: str = ""
    is_open: bool = False
    beside: tuple[str, ...] = ()


def texts_of(body: bytes) -> BodyTexts:
    """The texts of a request's JSON. What is no such JSON is one text of people by itself."""
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return BodyTexts((body.decode("utf-8", "replace"),), 1)
    fields = cast("dict[str, JsonValue]", value)
    beside = {name: value for name, value in fields.items() if name not in (*_LISTS, *_ABOVE, "model")}
    texts = [text for name in _ABOVE for text in _texts(fields.get(name))]
    said = [each for name in _LISTS for each in _messages(fields.get(name))]
    newest = 0
    for role, words in said:
        if role != "assistant":
            texts += words
            newest = len(words)
    last = [words for role, words in said[-2:] if role == "assistant"]
    is_open = bool(said) and said[-1][0] == "assistant"
    return BodyTexts(tuple(texts), newest, "".join(last[-1]) if last else "", is_open, tuple(texts_in(beside)))


def _messages(value: object) -> Iterator[tuple[str, list[str]]]:
    """Who speaks, and what."""
    if isinstance(value, str):
        yield "user", [value]
    for each in _list(value):
        if isinstance(each, dict):
            message = cast("dict[str, Any]", each)
            yield str(message.get("role", "")), [*_texts(message.get("content"))]


def _texts(value: object) -> Iterator[str]:
    """The words of a content: a text, or parts, of which pictures and files have none but a name."""
    if isinstance(value, str):
        yield value
    for part in _list(value):
        if isinstance(part, dict):
            held = cast("dict[str, object]", part)
            yield from (text for name in _WORDS if isinstance(text := held.get(name), str))


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
