"""What the program and its render child say to each other: one line of JSON each way, a request and its reply."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from desktop.domain import Value

READY = b"ready\n"
"""The child's first line: it has loaded what it needs."""

MOST_BYTES = 4 << 20
"""Bytes of a line; a longer one ends the child."""


class CodeRequest(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """Code whose words are to be told apart. `state` is what lines before it left open, empty for its beginning.

    `whole`: it is a block's first part and closed, so that words may depend on lines that follow them.
    """

    language: str
    text: str
    state: tuple[str, ...] = ()
    whole: bool = False


class CodeReply(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """The words of each line, each with what it is; `state` is what the complete lines leave open.

    Without lines where no lexer is known for the language.
    """

    lines: tuple[tuple[tuple[str, str], ...], ...] = ()
    state: tuple[str, ...] = ()


class Refusal(Value, frozen=True, kw_only=True, tag="refusal", tag_field="type"):
    """The child cannot do it; `error` is the kind of error that it met."""

    error: str


Request = CodeRequest
"""All that can be asked for; what is drawn next becomes another member."""

Reply = CodeReply | Refusal

_requests = msgspec.json.Decoder(Request)
_replies: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def encode(value: Request | Reply) -> bytes:
    """One line with its end. Halves of surrogate pairs, which JSON cannot hold, become unknown characters."""
    try:
        return msgspec.json.encode(value) + b"\n"
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value)
        return msgspec.json.encode(_sound(plain)) + b"\n"


def decode_request(line: bytes) -> Request:
    """A request. Raises msgspec.DecodeError."""
    return _requests.decode(line)


def decode_reply(line: bytes) -> Reply:
    """A reply. Raises msgspec.DecodeError."""
    return _replies.decode(line)


def _sound(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _sound(each) for name, each in cast("dict[str, Any]", value).items()}
    return [_sound(each) for each in cast("list[Any]", value)] if isinstance(value, list | tuple) else value
