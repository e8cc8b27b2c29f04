"""User text in a request's JSON in any API format, and the prefilled response to continue. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from desktop.catalog.sampling_parameters import texts_in
from desktop.domain.conversation_types import JsonValue

_LISTS = ("messages", "input")
_ABOVE = ("system", "instructions")
_WORDS = ("text", "filename", "title")
"""Fields of a message part that contain text: its content, and the file name."""

_SYSTEM_ROLES = ("system", "developer")
_PLAIN = frozenset({"type", "text"})
"""Fields of a part that is text alone."""


class BodyTexts(NamedTuple):
    """All user texts in a request. The last `newest` ones are those of the last message.

    `answer` is the model's text at the end or directly before the last message; `is_open` is whether it is at the end
    and to be continued. `beside` are strings sent outside of messages, such as those in parameters.
    """

    texts: tuple[str, ...]
    newest: int
    answer: str = ""
    is_open: bool = False
    beside: tuple[str, ...] = ()


def texts_of(body: bytes) -> BodyTexts:
    """Return the user texts in a request's JSON. A body that is not such JSON counts as a single text."""
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return BodyTexts((body.decode("utf-8", "replace"),), 1)
    fields = cast("dict[str, JsonValue]", value)
    beside = {name: value for name, value in fields.items() if name not in (*_LISTS, *_ABOVE, "model")}
    texts = [text for name in _ABOVE for text in _texts(fields.get(name))]
    messages = [each for name in _LISTS for each in _messages(fields.get(name))]
    newest = 0
    for role, words in messages:
        if role != "assistant":
            texts += words
            newest = len(words)
    last = [words for role, words in messages[-2:] if role == "assistant"]
    is_open = bool(messages) and messages[-1][0] == "assistant"
    return BodyTexts(tuple(texts), newest, "".join(last[-1]) if last else "", is_open, tuple(texts_in(beside)))


class SentMessage(NamedTuple):
    """A message as it is in a request; `is_plain` means that it has nothing but text."""

    role: str
    text: str
    is_plain: bool


class SentChat(NamedTuple):
    """A request of any API format as a conversation, and its other fields."""

    system: str
    messages: tuple[SentMessage, ...]
    fields: dict[str, JsonValue]


def chat_of(body: bytes) -> SentChat | None:
    """Return the conversation in a request's JSON; None if it is not a request with messages."""
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, JsonValue]", value)
    system = [text for name in _ABOVE for text in _texts(fields.get(name))]
    messages: list[SentMessage] = []
    for name in _LISTS:
        for each in _list(fields.get(name)):
            if not isinstance(each, dict):
                return None
            message = cast("dict[str, object]", each)
            if _is_of_tools(message):
                messages.append(SentMessage(_OF_TOOLS, _said_before_calls(message), is_plain=True))
                continue
            role, content = str(message.get("role", "")), message.get("content")
            if role in _SYSTEM_ROLES:
                system += _texts(content)
                continue
            parts = _list(content)
            is_plain = all(isinstance(part, dict) and set(cast("dict[str, object]", part)) <= _PLAIN for part in parts)
            messages.append(SentMessage(role, "".join(_texts(content)), is_plain))
    if not messages:
        return None
    messages = _without_calls(messages)
    others = {name: value for name, value in fields.items() if name not in (*_LISTS, *_ABOVE, "model")}
    return SentChat("\n\n".join(system), tuple(messages), others)


_OF_TOOLS = "tools"
"""Role of a message, or an item beside the messages, that belongs to a response's tool calls."""

_TOOL_TYPES = frozenset({"function_call", "function_call_output", "reasoning", "web_search_call"})
_TOOL_PARTS = frozenset({"tool_use", "tool_result", "server_tool_use", "web_search_tool_result"})


def _is_of_tools(message: dict[str, object]) -> bool:
    """Whether a message has tool calls or results in any API format."""
    if message.get("role") == "tool" or message.get("tool_calls") or message.get("type") in _TOOL_TYPES:
        return True
    parts = (cast("dict[str, object]", part) for part in _list(message.get("content")) if isinstance(part, dict))
    return any(part.get("type") in _TOOL_PARTS for part in parts)


def _said_before_calls(message: dict[str, object]) -> str:
    """Return the text of a response that called tools; results have none."""
    return "".join(_texts(message.get("content"))) if message.get("role") == "assistant" else ""


def _without_calls(messages: list[SentMessage]) -> list[SentMessage]:
    """Join the rounds of each response that called tools, and drop those of the response that was requested."""
    joined: list[SentMessage] = []
    said: list[str] = []
    for each in messages:
        if each.role == _OF_TOOLS:
            said.append(each.text)
            continue
        if each.role == "assistant" and any(said):
            each = each._replace(text="\n\n".join(filter(None, (*said, each.text))))  # noqa: PLW2901
        said = []
        joined.append(each)
    return joined


def _messages(value: object) -> Iterator[tuple[str, list[str]]]:
    """Yield the role and the texts of each message."""
    if isinstance(value, str):
        yield "user", [value]
    for each in _list(value):
        if isinstance(each, dict):
            message = cast("dict[str, Any]", each)
            yield str(message.get("role", "")), [*_texts(message.get("content"))]


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a message's content, a string or a list of parts; images and files only have names."""
    if isinstance(value, str):
        yield value
    for part in _list(value):
        if isinstance(part, dict):
            held = cast("dict[str, object]", part)
            yield from (text for name in _WORDS if isinstance(text := held.get(name), str))


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
