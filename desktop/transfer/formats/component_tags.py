"""Tags of components as models write them into Markdown: their attributes, and values as JavaScript has them; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple

from desktop.transfer.archives.loose_json import Unreadable, decode

_LONGEST = 100_000
_LINE = 2_000
_SHORT = 200
_ATTRIBUTE = re.compile(r"\s{1,200}([A-Za-z_][\w:.-]{0,60})(=?)")
_QUOTED = re.compile(r"\"([^\"]{0,4000}+)\"|'([^']{0,4000}+)'|([^\s\"'{}<>=][^\s<>\"']{0,200}+)(?=[\s>])")
_LONG_ENDS = re.compile(r"\"\s{0,20}/>[ \t]{0,20}(?=\n|\Z)")
_AFTER_VALUE = re.compile(r"\s{1,200}[A-Za-z_][\w:.-]{0,60}(?:=|\s|/?>)|\s{0,200}/?>")
_MORE = re.compile(r"\"\s{1,20}([A-Za-z_][\w:.-]{0,60})=\"([^\"\n]{0,500})\Z")
_ENDS = re.compile(r"\s{0,200}(/?)>")
_STRUCTURE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+(?:\"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z)|`(?:[^`\\]|\\.)*+(?:`|\Z)|[{}()\[\]]", re.DOTALL
)
_UNQUOTED = re.compile(
    r"(\"(?:[^\"\\]|\\.)*+(?:\"|\Z))|'((?:[^'\\]|\\.)*+)(?:'|\Z)|(?<![\w$])([A-Za-z_$][\w$]{0,80}+)(?=\s{0,20}:)"
)


_TEXT = re.compile(
    r"\s*+(?:(\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+')|(?:String\.raw)?`((?:[^`\\$]|\\.|\$(?!\{))*+)`)\s*+", re.DOTALL
)
"""A text of JavaScript, alone; in backticks a formula stands as it is."""


class Expression(str):
    """An attribute's value that stands in braces and is no text: a number, a list, or what a program would know."""

    __slots__ = ()


class Tag(NamedTuple):
    """A tag that opens or closes a component, or is a whole one."""

    name: str
    attributes: Mapping[str, str]
    closes: bool
    is_whole: bool
    start: int
    end: int


_LONG = {"CodeBlock": ("content", "value", "code"), "WritingBlock": ("content",), "Code": ("value", "content", "code")}
"""Attributes that hold whole texts, in which quotes stand as they are."""


class TagReader:
    """Reads the tags of one text; what has no end costs so much together as the text is long, a few times."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._left = 8 * len(said) + _LONGEST

    def tag(self, start: int, name: str, at: int, *, closes: bool) -> Tag | None:
        """The tag whose name ends at a place; None where it is none."""
        attributes: dict[str, str] = {}
        while not (ended := _ENDS.match(self._said, at)):
            found = _ATTRIBUTE.match(self._said, at)
            if not found or closes or len(attributes) > 60:
                return None
            at, value = found.end(), ""
            if found[2] and self._said.startswith("{", at):
                end = self.expression(at)
                if not end:
                    return None
                value, at = _held(self._said[at + 1 : end - 1]), end
            elif found[1] in _LONG.get(name, ()) and (whole := self._long(at)):
                value, more, at = whole
                attributes |= more
            elif found[2]:
                quoted = _QUOTED.match(self._said, at)
                if not quoted:
                    return None
                value, at = html.unescape(quoted[1] or quoted[2] or quoted[3] or ""), quoted.end()
                if quoted[3] and value.endswith("/") and self._said.startswith(">", at):
                    value, at = value[:-1], at - 1  # the stroke is the tag's
            attributes[found[1]] = value
        return Tag(name, attributes, closes, bool(ended[1]), start, ended.end())

    def _long(self, at: int) -> tuple[str, Mapping[str, str], int] | None:
        """A text in quotes, what is said behind it, and where it ends; None where none begins."""
        if not self._said.startswith('"', at):
            return None
        closing = self._said.find('"', at + 1, at + _LINE)
        if closing >= 0 and _AFTER_VALUE.match(self._said, closing + 1):
            return html.unescape(self._said[at + 1 : closing]), {}, closing + 1
        limit = at + (_LONGEST if self._left > 0 else _SHORT)
        ended = _LONG_ENDS.search(self._said, at + 1, min(len(self._said), limit))
        if ended is None:
            self._left -= min(len(self._said), limit) - at
            return None
        value, more = self._said[at + 1 : ended.start()], dict[str, str]()
        while (found := _MORE.search(value[-700:])) is not None:
            more[found[1]] = html.unescape(found[2])
            value = value[: len(value) - len(found[0])]
        return html.unescape(value), more, ended.start() + 1

    def expression(self, at: int) -> int:
        """The end of what begins with a bracket; 0 where it has none."""
        deep, limit = 0, min(len(self._said), at + (_LONGEST if self._left > 0 else _SHORT))
        for sign in _STRUCTURE.finditer(self._said, at, limit):
            if sign[0] in "{[(":
                deep += 1
            elif sign[0] in ")]}":
                deep -= 1
                if deep == 0:
                    return sign.end()
        self._left -= limit - at
        return 0

    def string(self, at: int) -> int:
        """The end of the text that begins with a quotation mark; 0 where it has none."""
        found = _STRUCTURE.match(self._said, at)
        return found.end() if found and found[0][0] in "\"'`" and found[0][-1] == found[0][0] else 0


def _held(written: str) -> str:
    """The text that stands in braces, or the expression as it is."""
    found = _TEXT.fullmatch(written)
    if found is None:
        return Expression(written)
    if found[1] is None:
        return found[2]
    value = literal(found[1])
    return value if isinstance(value, str) else Expression(written)


def literal(written: str) -> object:
    """The value of a literal of JavaScript, whose names need no quotes; None where it is none."""
    for each in (written, _UNQUOTED.sub(_quoted, written)):
        try:
            return decode(each.encode("utf-8", "surrogatepass"))
        except Unreadable:
            continue
    return None


def _quoted(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    if found[3]:
        return f'"{found[3]}"'
    within = found[2].replace("\\'", "'").replace('"', '\\"')
    return f'"{within}"'
