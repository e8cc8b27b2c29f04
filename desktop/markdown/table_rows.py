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

_KEPT = "\0"
"""Stands for a sign that is kept from parting a row while it is parted; no text has it."""

_CONDITION = "\0\0"
"""Stands for the bar of a condition while norms are sought."""

_BAR = re.compile(r"(?<!\\)\|")
_UNDER = re.compile(r"[ \t]*[|:-][|: \t-]*")
_SURE = re.compile(
    r"\\\|(?!_)(?:(?!\\\|).){1,200}\\\|(?=\s{0,2}_)|\\\|(?=\s{0,2}\\(?:vec|nabla|(?:mathbf|boldsymbol|bm)\s?\{?\\?[a-z]))"
    r"(?:(?!\\\|).){1,200}\\\|"
)
"""Norms: those with an index, and those of vectors."""

_WITHIN = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]")
"""What stands between parentheses or brackets without others in it."""


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """GFM's table. Excess cells, which it ignores, are put into the last one, as they were written."""
    first = len(state.tokens)
    if not _made(state, start, end, silent):
        return False
    tokens = state.tokens
    columns = sum(tokens[place].type == "th_open" for place in range(first, len(tokens)))
    rows = [place for place in range(first, len(tokens)) if tokens[place].type == "tr_open"]
    lines = [getLine(state, (tokens[place].map or (start, start))[0]).strip() for place in rows]
    plain = any(span[0][0] != "`" and _BAR.search(span[0]) for line in lines for span in _SPANS.finditer(line))
    for place, line in zip(rows, lines, strict=True):
        norms = _with_norms(line, pairs=plain) if r"\|" in line else line
        if norms != line:
            for number, cell in enumerate(_fitted(norms, _cells(norms), columns)):
                tokens[place + 2 + 3 * number].content = cell.strip().replace(_KEPT, r"\|")
            continue
        if tokens[place - 1].type == "thead_open" or line.count("|") < columns:
            continue
        cells = _cells(line)
        if any(cell.strip() for cell in cells[columns:]):
            for number, cell in enumerate(_fitted(line, cells, columns)):
                tokens[place + 2 + 3 * number].content = cell.strip()
    return True


def _made(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's rule
    """Make GFM's table; bars within code and formulas of its head part no columns where it has none so many."""
    head = _kept_head(state, start, end)
    if head is None:
        return whole_table(state, start, end, silent)
    first, source = len(state.tokens), state.src
    begin, finish = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    state.src = source[:begin] + head + source[finish:]
    try:
        made = whole_table(state, start, end, silent)
    finally:
        state.src = source
    for token in state.tokens[first:]:
        token.content = token.content.replace(_KEPT, "|")
    return made


def _kept_head(state: StateBlock, start: int, end: int) -> str | None:
    """The first line of a table with the bars kept that stand in code and formulas; None where it needs none kept."""
    if start + 2 > end or not _UNDER.fullmatch(under := getLine(state, start + 1)):
        return None
    head = getLine(state, start)
    kept = _SPANS.sub(lambda span: _BAR.sub(_KEPT, span[0]), head)
    columns = len(_cells(under.strip()))
    return kept if len(_cells(kept.strip())) == columns != len(_cells(head.strip())) else None


def _with_norms(line: str, *, pairs: bool) -> str:
    """A row in whose formulas the signs of norms, which GFM makes bars, stand for themselves.

    `pairs`: single bars are written as such in the table, so that each pair of signs is a norm.
    """
    spans = [found[0] for found in _SPANS.finditer(line) if found[0][0] != "`"]
    pairs = pairs or any(_SURE.search(span) and span.count(r"\|") == 2 for span in spans)
    return _SPANS.sub(lambda span: span[0] if span[0][0] == "`" else _kept_norms(span[0], pairs=pairs), line)


def _kept_norms(formula: str, *, pairs: bool) -> str:
    if not pairs:
        return _SURE.sub(_kept, formula)
    whole = _WITHIN.sub(
        lambda found: found[0].replace(r"\|", _CONDITION) if found[0].count(r"\|") == 1 else found[0], formula
    )
    if whole.count(r"\|") % 2:
        return formula
    return whole.replace(r"\|", _KEPT).replace(_CONDITION, r"\|")


def _kept(found: re.Match[str]) -> str:
    return found[0].replace(r"\|", _KEPT)


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
