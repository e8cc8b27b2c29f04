"""Markdown without images and HTML, so that responses in an exported page remain text in every viewer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from desktop.pages.page_parser import page_parser

_HARMLESS = r"/?(?:br|sub|sup|kbd|u|s|mark|details|summary)[ \t]*/?>"
"""Elements without attributes that models write and that only change the appearance of text."""

_SIGNS = re.compile(
    rf"""
      \\[\s\S]                                      # an escaped character
    | (?P<code>`{{1,50}})(?!`)(?:(?!(?P=code)(?!`))[\s\S]){{1,5000}}?(?<!`)(?P=code)(?!`)
    | <[A-Za-z][A-Za-z0-9+.-]{{1,31}}:[^\s<>]{{0,2000}}>  # an autolink
    | <[\w.!#$%&'*+/=?^`{{|}}~-]{{1,100}}@[\w.-]{{1,100}}>
    | (?P<html><(?!{_HARMLESS})(?=/?[A-Za-z][A-Za-z0-9-]{{0,100}}(?:[\s/>]|\Z)|[!?]))
    | (?P<image>!\[)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def inert(text: str) -> str:
    """Return a text with HTML and images escaped. Code and formulas in separate blocks are unchanged."""
    lines = text.split("\n")
    kept = _code_lines(page_parser().parse(text))
    pieces: list[str] = []
    start = 0
    for first, end in (*kept, (len(lines), len(lines))):
        if first > start:
            pieces.append(_SIGNS.sub(_escaped, "\n".join(lines[start:first])))
        if end > first:
            pieces.append("\n".join(lines[first:end]))
        start = max(start, end)
    return "\n".join(pieces)


def _escaped(found: re.Match[str]) -> str:
    if found["html"]:
        return r"\<"
    return r"\![" if found["image"] else found[0]


def _code_lines(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the line ranges of code and formula blocks in order. No program interprets HTML in these."""
    return [*_merged(sorted({(token.map[0], token.map[1]) for token in tokens if token.map and _is_code(token)}))]


def _is_code(token: Token) -> bool:
    return token.type in ("fence", "code_block", "math_block")


def _merged(parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = 0
    for start, end in parts:
        if end > last:
            yield max(start, last), end
            last = end
