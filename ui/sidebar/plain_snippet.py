"""Snippets of what was found as they are read: without the signs of Markdown, the marks where the words stand; pure.

A snippet is one line of many, cut on both sides: a sign goes only where it can be nothing but Markdown's.
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
"""What a heading, a quotation or an item begins with: within a line it may be minus, times or greater."""

_TABLE = re.compile(r"\A…?\||\|…?\Z|\|\s\||\|\s?(?::-+:?|-+:|-{3,})\s?\|")
_EDGE = re.compile(r"(?<!\|)\|(?:\s{0,3}(?::-+:?|-+:|-{3,})\s{0,3}\|){0,50}(?!\|)")
"""Edges of a table's cells, with the line below its head; elsewhere it is a pipe."""

_GONE = "\ue000"
"""Stands for a sign that was taken away: neither a blank nor a letter."""

Marks = tuple[tuple[int, int], ...]


def plain(snippet: str, marks: Sequence[tuple[int, int]]) -> tuple[str, Marks]:
    """The snippet without signs, with the places of the same words in it; what was sought itself stays."""
    kept = [True] * len(snippet)
    for start, end in _signs(snippet):
        kept[start:end] = [False] * (end - start)
    for start, end in marks:
        kept[start:end] = [True] * (end - start)
    said: list[str] = []
    places: list[int] = []
    """By a character of the snippet: where it stands in what is said."""
    for at, character in enumerate(snippet):
        blank = character == " " and (said in ([], ["…"]) or said[-1] == " ")
        places.append(len(said))
        if kept[at] and not blank:
            said.append(character)
        elif character == "|" and said not in ([], ["…"]) and said[-1] != " ":
            said.append(" ")
    places.append(len(said))
    text = "".join(said).rstrip()
    moved = [(places[start], min(places[end], len(text))) for start, end in marks]
    return text, tuple((start, end) for start, end in moved if start < end)


def _signs(snippet: str) -> Iterator[tuple[int, int]]:
    """Where signs stand. In code and formulas there are none besides their own."""
    left = snippet
    for rule in (_CODE, _FORMULA):
        for found in rule.finditer(left):
            if rule is _CODE or is_formula(_said(found), strictly=found["sign"] is None):
                yield from _around(found)
                left = f"{left[: found.start()]}{'x' * len(found[0])}{left[found.end() :]}"
    for rule in (_LINK, _EMPHASIS, _EMPHASIS):
        for found in rule.finditer(left):
            signs = [*_around(found)]
            yield from signs
            for start, end in signs:
                left = f"{left[:start]}{_GONE * (end - start)}{left[end:]}"
    for found in _BEGIN.finditer(snippet):
        yield found.span()
    if _TABLE.search(left):
        for found in _EDGE.finditer(left):
            yield found.span()


def _said(found: re.Match[str]) -> str:
    return found[found.lastgroup or 0]


def _around(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The places of the signs on both sides of what is said."""
    start, end = found.span(found.lastgroup or 0)
    yield found.start(), start
    yield end, found.end()
