"""Wide tables: maximum number of columns shown, and all columns as CSV. Pure functions."""

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
"""Maximum number of columns shown. Two thousand columns take 0.4 s to lay out, this number a third of that."""

TABLE_LINK = "paragone:table:"
"""Scheme of the link in a cell that offers all columns, followed by a checksum of the head. Never sent to a server."""

_FORMULA = re.compile(r"^(\s*)([=+\-@\t\r])")
"""Text that a spreadsheet would interpret as a formula."""


def table_link(head: Sequence[str]) -> str:
    """Return the link for a table, given the source text of the cells in its head."""
    return f"{TABLE_LINK}{zlib.crc32(chr(31).join(head).encode('utf-8', 'replace')):08x}"


def table_csv(text: str, link: str) -> str:
    """Return all columns of the linked table as CSV without formulas, or an empty string if there is no such table."""
    table_rows: list[list[str]] = []
    for block in blocks(text):
        if block.kind is not BlockKind.TABLE or (table_rows and not block.continued):
            if table_rows:
                break
            continue
        rows = _rows(block.tokens)
        if table_rows or (not block.continued and rows and table_link([each.content for each in rows[0]]) == link):
            table_rows += [[_cell(each) for each in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(table_rows)
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
