"""GFM's tables, whose rows lose no text: what goes beyond the columns stays in the last cell."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as whole_table
from markdown_it.rules_block.table import escapedSplit, getLine

_SPANS = re.compile(
    r"(?<!`)(`{1,4})(?!`)[^`]{1,400}(?<!`)\1(?!`)|\$(?![\s$])(?:[^$\\]|\\.){1,400}(?<!\s)\$(?![\w$])"
    r"|\\\((?:(?!\\\)).){1,400}\\\)"
)
"""Code and formulas of one line: a bar in them is mostly meant to stand there."""

_NORM = "\0"
"""Stands for the sign of a norm while a row is parted; no text has it."""

_BAR = re.compile(r"(?<!\\)\|")


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """GFM's table. Excess cells, which it ignores, are put into the last one, as they were written."""
    first = len(state.tokens)
    if not whole_table(state, start, end, silent):
        return False
    tokens = state.tokens
    columns = sum(tokens[place].type == "th_open" for place in range(first, len(tokens)))
    for place in range(first, len(tokens)):
        row = tokens[place]
        if row.type != "tr_open" or row.map is None:
            continue
        line = getLine(state, row.map[0]).strip()
        norms = _SPANS.sub(_kept_norms, line)
        if norms != line:
            for number, cell in enumerate(_fitted(norms, _cells(norms), columns)):
                tokens[place + 2 + 3 * number].content = cell.strip().replace(_NORM, r"\|")
            continue
        if tokens[place - 1].type == "thead_open" or line.count("|") < columns:
            continue
        cells = _cells(line)
        if any(cell.strip() for cell in cells[columns:]):
            for number, cell in enumerate(_fitted(line, cells, columns)):
                tokens[place + 2 + 3 * number].content = cell.strip()
    return True


def _kept_norms(span: re.Match[str]) -> str:
    """A formula whose signs of a norm, which GFM makes bars, stand for themselves: where they come in pairs."""
    found = span[0]
    bars = found.count(r"\|")
    return found.replace(r"\|", _NORM) if bars and not bars % 2 and found[0] != "`" else found


def _cells(line: str) -> list[str]:
    cells = escapedSplit(line)
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _fitted(line: str, cells: list[str], columns: int) -> list[str]:
    """As many cells as there are columns. Bars within code and formulas part none where there are enough without."""
    whole = _cells(_SPANS.sub(lambda span: _BAR.sub(r"\\|", span[0]), line))
    if len(whole) >= columns:
        cells = whole
    return [*cells[: columns - 1], "|".join(cells[columns - 1 :])]
