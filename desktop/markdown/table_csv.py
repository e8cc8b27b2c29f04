"""Wide tables: how many columns are shown, and all of one as CSV; pure."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Sequence

from markdown_it.token import Token

from desktop.markdown.blocks import BlockKind
from desktop.markdown.text import inline_text
from desktop.markdown.text_segments import blocks

MOST_COLUMNS = 60
"""Columns of a table that are shown: two thousand take 0.4 s to lay out, these a third of that."""

TABLE_LINK = "paragone:table:"
"""Where a cell leads that offers all columns; a checksum of the head follows. No server has such addresses."""

_FORMULA = re.compile(r"^(\s*)([=+\-@\t\r])")
"""What a spreadsheet takes for a formula."""


def table_link(head: Sequence[str]) -> str:
    """What offers a table of this head, as its cells were written."""
    return f"{TABLE_LINK}{zlib.crc32(chr(31).join(head).encode('utf-8', 'replace')):08x}"


def table_csv(text: str, link: str) -> str:
    """All columns of the table that a link offers, as CSV without formulas; empty where the text has no such table."""
    found: list[list[str]] = []
    for block in blocks(text):
        if block.kind is not BlockKind.TABLE or (found and not block.continued):
            if found:
                break
            continue
        rows = _rows(block.tokens)
        if found or (not block.continued and rows and table_link([each.content for each in rows[0]]) == link):
            found += [[_cell(each) for each in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(found)
    return written.getvalue()


def _rows(tokens: Sequence[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(token)
    return rows


def _cell(token: Token) -> str:
    text = inline_text(token.children or ())
    return text if _is_number(text) else _FORMULA.sub(r"\1'\2", text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
