"""Copied text as HTML for other programs, with inline styles because these lack our style sheet. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from html import escape
from typing import NamedTuple

from desktop.renderer.render_wire import Request
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.report_style import INKS
from desktop.reports.slotted_text import SlotKind, SlottedText, Slotter, TextSlot

LONGEST = 100_000
"""Maximum characters copied with formatting, because parsing more would block the window."""

_MONO = "font-family: Consolas, Menlo, 'Liberation Mono', monospace"
_LANGUAGE = re.compile(r'<div class="language">[^<]*</div>')
_INK = re.compile(r'<span class="k-([a-z]+)">')
_LEFT_OUT = re.compile(r'</?figure[^>]*>| class="[^"]*"| rel="[^"]*"')
_TAG = re.compile(r"<(pre|code|table|blockquote)\b")
_STYLES = {
    "pre": f'style="{_MONO}; background: #f3f4f7; padding: 8px"',
    "code": f'style="{_MONO}"',
    "table": 'border="1" cellspacing="0" cellpadding="4" style="border-collapse: collapse"',
    "blockquote": 'style="border-left: 3px solid #c9ced7; margin-left: 0; padding-left: 12px"',
}


class CopiedKind(Enum):
    """Type of a copied piece."""

    MARKDOWN = auto()
    PLAIN = auto()  # plain words
    CODE = auto()  # lines of code, with `language` if known
    TABLE = auto()  # table rows as lines, cells separated by tabs
    RUNS = auto()  # paragraphs as finished HTML


class CopiedPiece(NamedTuple):
    """A part of a copied message in its original form."""

    kind: CopiedKind
    text: str
    language: str = ""


class CopiedMessage(NamedTuple):
    """The copied part of a message, with its author."""

    author: str
    pieces: tuple[CopiedPiece, ...]


class CopiedHtml:
    """HTML of copied messages; with several messages, the authors are named."""

    def __init__(self, messages: Sequence[CopiedMessage]) -> None:
        slotter = Slotter()
        self._names_authors = len(messages) > 1
        self._messages = [(each.author, [_slotted(slotter, piece) for piece in each.pieces]) for each in messages]

    @property
    def requests(self) -> Iterator[Request]:
        """Formulas and code to draw."""
        for _, pieces in self._messages:
            for piece in pieces:
                yield from piece.requests

    def filled(self, drawn: DrawnParts) -> str:
        """Return the complete HTML with the drawings."""
        made: list[str] = []
        for author, pieces in self._messages:
            if self._names_authors:
                made.append(f"<p><b>{escape(author)}</b></p>\n")
            made += (_styled(piece.filled(drawn)) for piece in pieces)
        return f'<html><head><meta charset="utf-8"></head><body>{"".join(made)}</body></html>'


def _slotted(slotter: Slotter, piece: CopiedPiece) -> SlottedText:
    match piece.kind:
        case CopiedKind.MARKDOWN:
            return slotter.slotted(piece.text, None)
        case CopiedKind.PLAIN:
            lines = escape(piece.text.strip("\n")).replace("\n", "<br>\n")
            return _fixed(f"<p>{lines}</p>\n")
        case CopiedKind.TABLE:
            rows = ("</td><td>".join(map(escape, line.split("\t"))) for line in piece.text.split("\n"))
            return _fixed(f"<table>{''.join(f'<tr><td>{row}</td></tr>' for row in rows)}</table>\n")
        case CopiedKind.RUNS:
            return _fixed(piece.text)
        case CopiedKind.CODE:
            slot = TextSlot(piece.text, SlotKind.CODE, piece.language)
            return SlottedText(("<pre><code>", "</code></pre>\n"), (slot,), piece.text, (0,))


def _fixed(html: str) -> SlottedText:
    return SlottedText((html,), (), "", ())


def _styled(html: str) -> str:
    """Replace classes with inline styles. The text of messages is escaped, so it contains no elements."""
    made = _INK.sub(lambda found: f'<span style="color: {INKS.get(found[1], "inherit")}">', _LANGUAGE.sub("", html))
    return _TAG.sub(lambda found: f"{found[0]} {_STYLES[found[1]]}", _LEFT_OUT.sub("", made))
