"""Messages between the program and its render child as JSON: a request, then its reply."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import Value

MOST_BYTES = 4 << 20
"""Maximum size of a message in bytes. A larger one ends the child."""


class CodeRequest(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """Code to highlight. `state` is the lexer's state after the preceding lines, or empty at the beginning.

    `whole` marks a complete block, in which the kind of a piece may depend on later lines.
    """

    language: str
    text: str
    state: tuple[str, ...] = ()
    whole: bool = False


class CodeReply(Value, frozen=True, kw_only=True, tag="code", tag_field="type"):
    """Highlighted pieces of each line, and the lexer's `state` after the complete lines.

    `lines` is empty if there is no lexer for the language.
    """

    lines: tuple[tuple[tuple[str, str], ...], ...] = ()
    state: tuple[str, ...] = ()


class FormulaRequest(Value, frozen=True, kw_only=True, tag="formula", tag_field="type"):
    """A LaTeX formula without delimiters, and its font size in pixels. A `display` formula is on its own line."""

    source: str
    size: int
    display: bool = False


class GlyphOutline(Value, frozen=True, kw_only=True):
    """A shape in a formula. `steps` are `M`, `L`, `Q`, `C` and `Z` as in SVG; `points` are all coordinates.

    Args:
        points: Pixels as 4-byte little-endian floats.
        colour: Name or hex value of the color; empty for the text color.
        line: Width of the stroke in pixels, or 0 to fill the shape.
        exact: Whether the color is not adapted to the page, because it is a background or on one.
    """

    steps: str
    points: bytes
    colour: str = ""
    line: float = 0.0
    exact: bool = False


class TextRun(Value, frozen=True, kw_only=True):
    """Characters missing in the formula's font, drawn in a system font from `x` on the baseline `y`, in pixels.

    `width` is the available width in pixels. `family` is serif, sans-serif or monospace; `colour` and `exact` are as
    for an outline.
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
    """A formula's outlines and text, and their bounding box in pixels relative to the start of the baseline."""

    left: float
    top: float
    width: float
    height: float
    outlines: tuple[GlyphOutline, ...]
    texts: tuple[TextRun, ...] = ()


class LoadRequest(Value, frozen=True, kw_only=True, tag="load", tag_field="type"):
    """Request to load the library for a type of request, given by its tag. May take longer than other requests."""

    what: str


class LexerLoaded(Value, frozen=True, kw_only=True, tag="loaded", tag_field="type"):
    """Reply to a LoadRequest that succeeded."""


class Refusal(Value, frozen=True, kw_only=True, tag="refusal", tag_field="type"):
    """Reply if a request failed in the child. `error` is the type of the error."""

    error: str


Request = CodeRequest | FormulaRequest

Reply = CodeReply | FormulaReply | Refusal

parse_request = msgspec.json.Decoder[Request | LoadRequest](Request | LoadRequest).decode
parse_reply = msgspec.json.Decoder[Reply | LexerLoaded](Reply | LexerLoaded).decode


def encode(value: Request | LoadRequest | Reply | LexerLoaded) -> bytes:
    """Encode a message as JSON. Lone surrogates, which JSON cannot contain, become “?”."""
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
