"""What the program and its render child say to each other: one line of JSON each way, a request and its reply."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import Value

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


class FormulaRequest(Value, frozen=True, kw_only=True, tag="formula", tag_field="type"):
    """A formula in LaTeX without its delimiters, to be drawn in a font's size in pixels; `display`: on its own line."""

    source: str
    size: int
    display: bool = False


class GlyphOutline(Value, frozen=True, kw_only=True):
    """A shape of a formula: `steps` are `M`, `L`, `Q`, `C` and `Z` as in SVG, `points` the numbers of all of them.

    Numbers are pixels in floats of four bytes, little end first. It is filled, or drawn with a `line` of so many
    pixels, in a `colour` by name or hash; in the text's own where there is none. `exact`: the colour is not to be
    fitted to the page, since it is a background, or lies on one.
    """

    steps: str
    points: bytes
    colour: str = ""
    line: float = 0.0
    exact: bool = False


class TextRun(Value, frozen=True, kw_only=True):
    """Characters that the formula's font lacks, to be drawn in a font of the system, from `x` on the baseline `y`.

    Pixels; it has `width` pixels of room. `family` is serif, sans-serif or monospace; `colour` and `exact` are as an
    outline's.
    """

    text: str
    x: float
    y: float
    size: float
    width: float
    family: str = "serif"
    bold: bool = False
    italic: bool = False
    colour: str = ""
    exact: bool = False


class FormulaReply(Value, frozen=True, kw_only=True, tag="formula", tag_field="type"):
    """A formula's outlines, its text, and the box that they lie in, in pixels from where the line of text begins."""

    left: float
    top: float
    width: float
    height: float
    outlines: tuple[GlyphOutline, ...]
    texts: tuple[TextRun, ...] = ()


class LoadRequest(Value, frozen=True, kw_only=True, tag="load", tag_field="type"):
    """What requests of a type, by its tag, need is to be loaded, which may take longer than any of them."""

    what: str


class LexerLoaded(Value, frozen=True, kw_only=True, tag="loaded", tag_field="type"):
    """It is."""


class Refusal(Value, frozen=True, kw_only=True, tag="refusal", tag_field="type"):
    """The child cannot do it; `error` is the kind of error that it met."""

    error: str


Request = CodeRequest | FormulaRequest
"""All that can be asked for."""

Reply = CodeReply | FormulaReply | Refusal

Line = Request | LoadRequest
"""What is written to the child."""

_requests: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_replies: msgspec.json.Decoder[Reply | LexerLoaded] = msgspec.json.Decoder(Reply | LexerLoaded)


def encode(value: Line | Reply | LexerLoaded) -> bytes:
    """One line with its end. Halves of surrogate pairs, which JSON cannot hold, become unknown characters."""
    try:
        return msgspec.json.encode(value) + b"\n"
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value)
        return msgspec.json.encode(_sound(plain)) + b"\n"


def decode_request(line: bytes) -> Line:
    """A request. Raises msgspec.DecodeError."""
    return _requests.decode(line)


def decode_reply(line: bytes) -> Reply | LexerLoaded:
    """A reply. Raises msgspec.DecodeError."""
    return _replies.decode(line)


def _sound(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _sound(each) for name, each in cast("dict[str, Any]", value).items()}
    return [_sound(each) for each in cast("list[Any]", value)] if isinstance(value, list | tuple) else value
