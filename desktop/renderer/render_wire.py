"""Messages between the program and its render child, as JSON: a request, then its reply."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import Value

MOST_BYTES = 4 << 20
"""Longest message in bytes; a longer one ends the child."""


class CodeRequest(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """Code to highlight. `state` is the lexer's state after the lines before it; empty at the beginning.

    `whole` marks a complete block, in which a word's kind may depend on lines that follow it.
    """

    language: str
    text: str
    state: tuple[str, ...] = ()
    whole: bool = False


class CodeReply(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """Words of each line with their kinds, and the lexer's `state` after the complete lines.

    There are no lines if no lexer is known for the language.
    """

    lines: tuple[tuple[tuple[str, str], ...], ...] = ()
    state: tuple[str, ...] = ()


class FormulaRequest(Value, frozen=True, kw_only=True, tag="formula", tag_field="type"):
    """A LaTeX formula without delimiters, and its font size in pixels. A `display` formula is on its own line."""

    source: str
    size: int
    display: bool = False


class GlyphOutline(Value, frozen=True, kw_only=True):
    """A shape of a formula: `steps` are `M`, `L`, `Q`, `C` and `Z` as in SVG, `points` all their coordinates.

    Args:
        points: Pixels as little-endian floats of four bytes.
        colour: A name or hash; empty for the text's own color.
        line: Width of the stroke in pixels; 0 fills the shape.
        exact: The color is not adapted to the page, because it is a background or lies on one.

    """

    steps: str
    points: bytes
    colour: str = ""
    line: float = 0.0
    exact: bool = False


class TextRun(Value, frozen=True, kw_only=True):
    """Characters that the formula's font lacks, drawn in a system font from `x` on the baseline `y`, in pixels.

    The text has `width` pixels of room. `family` is serif, sans-serif or monospace; `colour` and `exact` are those of
    an outline.
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
    """A formula's outlines and text, and their box in pixels from the start of the baseline."""

    left: float
    top: float
    width: float
    height: float
    outlines: tuple[GlyphOutline, ...]
    texts: tuple[TextRun, ...] = ()


class LoadRequest(Value, frozen=True, kw_only=True, tag="load", tag_field="type"):
    """Load the library for requests of a type, named by its tag. This may take longer than any request."""

    what: str


class LexerLoaded(Value, frozen=True, kw_only=True, tag="loaded", tag_field="type"):
    """Reply to a LoadRequest that succeeded."""


class Refusal(Value, frozen=True, kw_only=True, tag="refusal", tag_field="type"):
    """The request failed in the child; `error` is the type of the error."""

    error: str


Request = CodeRequest | FormulaRequest

Reply = CodeReply | FormulaReply | Refusal

parse_request = msgspec.json.Decoder[Request | LoadRequest](Request | LoadRequest).decode
parse_reply = msgspec.json.Decoder[Reply | LexerLoaded](Reply | LexerLoaded).decode


def encode(value: Request | LoadRequest | Reply | LexerLoaded) -> bytes:
    """Encode a message as JSON, which cannot hold halves of surrogate pairs: each becomes “?”."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_sound(msgspec.to_builtins(value)))


def _sound(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _sound(each) for name, each in cast("dict[str, Any]", value).items()}
    return [_sound(each) for each in cast("list[Any]", value)] if isinstance(value, list | tuple) else value
