"""The properties at the head of a Markdown file: the part of YAML that programs write there, read line by line; pure.

Texts, numbers and lists of texts, plain, quoted or folded. No tag, anchor or alias means anything, and of what is
nested deeper only the name is taken. What is no YAML, as `title: Jq: the basics`, is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_EDGE = ("---", "...")
_MOST_LINES = 2_000
_MOST_HEADS = 3
_FIELD = re.compile(
    r"(?P<name>[^\s:#\-\[\]{}\"'>|][^:\n]{0,99}|\"[^\"\n]{1,99}\"|'[^'\n]{1,99}') ?:(?:[ \t](?P<value>.*))?"
)
_ITEM = re.compile(r"[ \t]*+-(?:[ \t](?P<value>.*))?")
_NESTED = re.compile(r"[ \t]++\S")
_BLOCK = re.compile(r"[|>][+\-0-9]{0,3}(?:[ \t]+#.*)?")
_COMMENT = re.compile(r"(?:\A|(?<=[ \t]))#.*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "/": "/", " ": " "}
_ESCAPE = re.compile(r"\\(?:u(?P<four>[0-9a-fA-F]{4})|x(?P<two>[0-9a-fA-F]{2})|(?P<one>.))", re.DOTALL)
_EMPTY = ("", "null", "~", "Null", "NULL", "[]", "{}")

Property = str | tuple[str, ...]
"""A text, or several."""


class FrontMatter(NamedTuple):
    """Properties by their names in small letters, and the number of the first line below them."""

    properties: dict[str, Property]
    end: int


def front_matter(lines: Sequence[str]) -> FrontMatter:
    """The properties of a file, none where it has none; of several heads that follow each other, all of them."""
    found: dict[str, Property] = {}
    at = 0
    for _ in range(_MOST_HEADS):
        if at >= len(lines) or lines[at].rstrip() != _EDGE[0]:
            break
        end = next((n for n in range(at + 1, min(len(lines), at + _MOST_LINES)) if lines[n].rstrip() in _EDGE), 0)
        own = _properties(lines[at + 1 : end]) if end else None
        if own is None:
            break
        found |= own
        at = end + 1
    return FrontMatter(found, at)


def texts_of(value: Property | None) -> tuple[str, ...]:
    """The texts of a property, however many."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _properties(lines: Sequence[str]) -> dict[str, Property] | None:
    """The properties in some lines; None where these are no properties."""
    found: dict[str, Property] = {}
    name, value, below = "", "", list[str]()
    for line in (*lines, "end:"):
        if name and (not line.strip() or _NESTED.match(line) or _ITEM.fullmatch(line)):
            below.append(line)
            continue
        if not line.strip() or line.startswith("#"):
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            return None
        if name:
            found.setdefault(name, _value(value, below))
        name = field["name"].strip("\"' ").casefold()
        value, below = (field["value"] or "").strip(), []
    return found


def _value(value: str, below: Sequence[str]) -> Property:
    if _BLOCK.fullmatch(value):
        return _block(value[0], below)
    if not value:
        listed = [_ITEM.fullmatch(line) for line in below if line.strip()]
        return tuple(_scalar(each["value"] or "") for each in listed if each is not None)
    if value.startswith("[") and value.endswith("]"):
        return tuple(filter(None, map(_scalar, _pieces(value[1:-1]))))
    folded = " ".join((value, *(line.strip() for line in below if line.strip())))
    return _scalar(folded)


def _block(kind: str, below: Sequence[str]) -> str:
    """Text over several lines, as they are, or folded into one line a paragraph."""
    said = [line for line in below if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in said), default=0)
    kept = "\n".join(line[indent:].rstrip() for line in below).strip("\n")
    if kind == "|":
        return kept
    return "\n".join(" ".join(each.split("\n")) for each in kept.split("\n\n"))


def _scalar(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return _ESCAPE.sub(_escaped, value[1:-1])
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    value = _COMMENT.sub("", value, count=1).strip()
    return "" if value in _EMPTY else value


def _escaped(found: re.Match[str]) -> str:
    code = found["four"] or found["two"]
    if not code:
        return _ESCAPES.get(found["one"], found[0])
    sign = chr(int(code, 16))
    return found[0] if "\ud800" <= sign <= "\udfff" else sign


def _pieces(inside: str) -> list[str]:
    """What a list in one line holds, parted by commas that stand in no quotes."""
    pieces: list[str] = []
    quote, start = "", 0
    for at, sign in enumerate(inside):
        if quote:
            quote = "" if sign == quote and inside[at - 1] != "\\" else quote
        elif sign in "\"'" and not inside[start:at].strip():
            quote = sign
        elif sign == ",":
            pieces.append(inside[start:at])
            start = at + 1
    return [*pieces, inside[start:]]
