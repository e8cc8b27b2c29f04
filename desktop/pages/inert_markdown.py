"""Markdown that loads nothing and holds no HTML: whatever shows an exported page, an answer in it stays words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from desktop.pages.page_parser import page_parser

_HARMLESS = r"/?(?:br|sub|sup|kbd|u|s|mark|details|summary)[ \t]*/?>"
"""Elements without attributes that change how words look and nothing else; models write them."""

_SIGNS = re.compile(
    rf"""
      \\[\s\S]                                      # a sign that is escaped already
    | (?P<code>`{{1,50}})(?!`)(?:(?!(?P=code)(?!`))[\s\S]){{1,5000}}?(?<!`)(?P=code)(?!`)
    | <[A-Za-z][A-Za-z0-9+.-]{{1,31}}:[^\s<>]{{0,2000}}>  # an address between angle brackets
    | <[\w.!#$%&'*+/=?^`{{|}}~-]{{1,100}}@[\w.-]{{1,100}}>
    | (?P<html><(?!{_HARMLESS})(?=/?[A-Za-z][A-Za-z0-9-]{{0,100}}(?:[\s/>]|\Z)|[!?]))
    | (?P<image>!\[)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def inert(text: str) -> str:
    """A text whose HTML and images are escaped, code and formulas on lines of their own as they are."""
    lines = text.split("\n")
    kept = _code_lines(page_parser().parse(text))
    found: list[str] = []
    start = 0
    for first, end in (*kept, (len(lines), len(lines))):
        if first > start:
            found.append(_SIGNS.sub(_escaped, "\n".join(lines[start:first])))
        if end > first:
            found.append("\n".join(lines[first:end]))
        start = max(start, end)
    return "\n".join(found)


def _escaped(found: re.Match[str]) -> str:
    if found["html"]:
        return r"\<"
    return r"\![" if found["image"] else found[0]


def _code_lines(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where blocks of code and formulas stand, which no program reads as HTML: first lines and ends, in order."""
    return [*_merged(sorted({(token.map[0], token.map[1]) for token in tokens if token.map and _is_code(token)}))]


def _is_code(token: Token) -> bool:
    return token.type in ("fence", "code_block", "math_block")


def _merged(parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = 0
    for start, end in parts:
        if end > last:
            yield max(start, last), end
            last = end
