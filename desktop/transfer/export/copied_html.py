"""Copied text as HTML for other programs: styles stand at each element, as they know no style sheet of ours; pure."""

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
"""Characters that are copied with their formatting: parsing more would keep the window waiting."""

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
    """What a copied piece is."""

    MARKDOWN = auto()
    PLAIN = auto()  # words as they stand
    CODE = auto()  # lines of code, of `language` where that is known
    TABLE = auto()  # rows as lines, their cells apart by tabs
    RUNS = auto()  # paragraphs as HTML, of which nothing is left to be drawn


class CopiedPiece(NamedTuple):
    """A part of what is copied of a message, as it was written."""

    kind: CopiedKind
    text: str
    language: str = ""


class CopiedMessage(NamedTuple):
    """What is copied of a message, with who said it."""

    author: str
    pieces: tuple[CopiedPiece, ...]


class CopiedHtml:
    """HTML of some messages; their authors are named where they are several."""

    def __init__(self, messages: Sequence[CopiedMessage]) -> None:
        slotter = Slotter()
        self._names_authors = len(messages) > 1
        self._messages = [(each.author, [_slotted(slotter, piece) for piece in each.pieces]) for each in messages]

    @property
    def requests(self) -> Iterator[Request]:
        """What is to be drawn of it, formulas and code."""
        for _, pieces in self._messages:
            for piece in pieces:
                yield from piece.requests

    def filled(self, drawn: DrawnParts) -> str:
        """All of it, with what was drawn."""
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
    """The same with styles in the place of classes. Words of others are escaped: they hold no element."""
    made = _INK.sub(lambda found: f'<span style="color: {INKS.get(found[1], "inherit")}">', _LANGUAGE.sub("", html))
    return _TAG.sub(lambda found: f"{found[0]} {_STYLES[found[1]]}", _LEFT_OUT.sub("", made))
