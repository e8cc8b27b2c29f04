"""Search snippets without Markdown syntax, with adjusted match positions. Pure functions.

A snippet is a part of one line, so only unambiguous syntax is removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from desktop.markdown.formulas import is_formula

_CODE = re.compile(r"(?P<sign>`{1,3})(?!`)(?P<said>[^`]{1,200})(?P=sign)(?!`)")
_FORMULA = re.compile(
    r"(?P<sign>\${1,2})(?P<said>[^$\s](?:[^$]{0,200}[^$\s])?)(?P=sign)(?!\w)"
    r"|\\\((?P<inline>[^\\]{0,9}(?:\\[^()]|[^\\]){1,200})\\\)|\\\[(?P<block>(?:\\[^\[\]]|[^\\]){1,200})\\\]"
)
_LINK = re.compile(r"!?\[(?P<said>[^\]\[]{0,200})\]\([^()\s]{0,200}[/.#][^()\s]{0,200}\)")
_EMPHASIS = re.compile(
    r"(?<![A-Za-z0-9\\*])(?P<stars>\*{1,3})(?![\s*])(?P<said>[^*]{0,200}[^\s*])(?P=stars)(?![A-Za-z0-9*])"
    r"|(?<![\w\\])_(?![\s_])(?P<one>(?:[^_]|(?<=\w)_(?=\w)){0,200}[^\s_])_(?!\w)"
    r"|(?<![\w\\])__(?![\s_])(?P<two>[^_\s]{1,100}\s[^_]{0,200}(?<!\s))__(?!\w)"  # a name as __init__ has no blank
    r"|(?<!\w)~~(?![\s~])(?P<gone>[^~]{0,200}[^\s~])~~(?!\w)"
)
_BEGIN = re.compile(r"\A(?:#{1,6}|>|[-+*])\s|(?<=\s)#{2,6}\s")
"""Start of a heading, quotation or list item. Within a line, some of these characters may be operators."""

_TABLE = re.compile(r"\A…?\||\|…?\Z|\|\s\||\|\s?(?::-+:?|-+:|-{3,})\s?\|")
_EDGE = re.compile(r"(?<!\|)\|(?:\s{0,3}(?::-+:?|-+:|-{3,})\s{0,3}\|){0,50}(?!\|)")
"""Cell borders of a table and the line below its header. Outside tables, the character is a pipe."""

_GONE = "\ue000"
"""Placeholder for removed syntax, which is neither whitespace nor a letter."""

Marks = tuple[tuple[int, int], ...]


def plain(snippet: str, marks: Sequence[tuple[int, int]]) -> tuple[str, Marks]:
    """Return the snippet without syntax, and the adjusted positions of the matches. Matches are never changed."""
    keeps = [True] * len(snippet)
    for start, end in _signs(snippet):
        keeps[start:end] = [False] * (end - start)
    for start, end in marks:
        keeps[start:end] = [True] * (end - start)
    visible: list[str] = []
    places: list[int] = []
    """By a character of the snippet: where it stands in what is said."""
    for at, character in enumerate(snippet):
        blank = character == " " and (visible in ([], ["…"]) or visible[-1] == " ")
        places.append(len(visible))
        if keeps[at] and not blank:
            visible.append(character)
        elif character == "|" and visible not in ([], ["…"]) and visible[-1] != " ":
            visible.append(" ")
    places.append(len(visible))
    text = "".join(visible).rstrip()
    moved = [(places[start], min(places[end], len(text))) for start, end in marks]
    return text, tuple((start, end) for start, end in moved if start < end)


def _signs(snippet: str) -> Iterator[tuple[int, int]]:
    """Yield the positions of syntax. Within code and formulas, only the delimiters are syntax."""
    remaining = snippet
    for rule in (_CODE, _FORMULA):
        for match in rule.finditer(remaining):
            if rule is _CODE or is_formula(_said(match), strictly=match["sign"] is None):
                yield from _around(match)
                remaining = f"{remaining[: match.start()]}{'x' * len(match[0])}{remaining[match.end() :]}"
    for rule in (_LINK, _EMPHASIS, _EMPHASIS):
        for match in rule.finditer(remaining):
            signs = [*_around(match)]
            yield from signs
            for start, end in signs:
                remaining = f"{remaining[:start]}{_GONE * (end - start)}{remaining[end:]}"
    for match in _BEGIN.finditer(snippet):
        yield match.span()
    if _TABLE.search(remaining):
        for match in _EDGE.finditer(remaining):
            yield match.span()


def _said(found: re.Match[str]) -> str:
    return found[found.lastgroup or 0]


def _around(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the positions of the delimiters on both sides."""
    start, end = found.span(found.lastgroup or 0)
    yield found.start(), start
    yield end, found.end()
