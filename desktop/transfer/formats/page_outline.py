"""The headings, paragraphs and quotes of a Markdown page that stand in no list and no block of code; pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token


class _Outermost(list[Token]):
    """Tokens of blocks as they are parsed, of which those within others are let go: a page may hold millions."""

    def append(self, token: Token) -> None:
        """Keep it where it stands at the top level."""
        if not token.level:
            super().append(token)


class PageOutline(NamedTuple):
    """Numbers of lines: headings with their levels, where paragraphs begin, and where quotes stand."""

    headings: dict[int, int]
    paragraphs: frozenset[int]
    quotes: frozenset[int]


def page_lines(text: str) -> list[str]:
    """The lines of a page, however they end, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def outline(lines: list[str]) -> PageOutline:
    """What stands at the top level of a page."""
    headings: dict[int, int] = {}
    paragraphs: set[int] = set()
    quotes: set[int] = set()
    tokens = _Outermost()
    _blocks().block.parse("\n".join(lines), _blocks(), {}, tokens)
    for token in tokens:
        if not token.map:
            continue
        if token.type == "heading_open":
            headings[token.map[0]] = int(token.tag[1:])
        elif token.type == "paragraph_open":
            paragraphs.add(token.map[0])
        elif token.type == "blockquote_open":
            quotes.update(range(*token.map))
    return PageOutline(headings, frozenset(paragraphs), frozenset(quotes))


def without_blank(lines: Sequence[str]) -> list[str]:
    """Lines without the blank ones before the first and behind the last that say something."""
    said = [at for at, line in enumerate(lines) if line.strip()]
    return [*lines[said[0] : said[-1] + 1]] if said else []


@cache
def _blocks() -> MarkdownIt:
    """A parser of blocks alone, made once: what stands within a line is not looked at."""
    return MarkdownIt("commonmark").disable("reference")
