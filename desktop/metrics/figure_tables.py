"""Tables of figures as Markdown, tab-separated text and CSV. Pure functions."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime

from desktop.domain.conversation_types import Message, Value
from desktop.metrics.alignment import aligned
from desktop.metrics.figures import FigureLine, of_turn, over_all, turns
from desktop.text.phrases import Phrase, phrase

COLUMNS = (
    phrase("Model"),
    phrase("TTFT (ms)"),
    phrase("Tokens per second"),
    phrase("Duration (ms)"),
    phrase("Reasoning (ms)"),
    phrase("Input tokens"),
    phrase("Output tokens"),
    phrase("Reasoning tokens"),
    phrase("Cost (USD)"),
    phrase("Finish reason"),
)

TOOL_COLUMNS = (phrase("Tool calls"), phrase("Tool time (ms)"))
"""Further columns if any response called a tool."""

_FORMULA = re.compile(r"""(^|[;,|])([\s"']*+[=+@\uff1d\uff0b\uff20\uff0d-])""")
"""Start of a cell that a spreadsheet would evaluate, including after other separators.

In many languages, the separator is the semicolon. Some programs also accept full-width signs.
"""


class PaneColumn(Value, frozen=True, kw_only=True):
    """A pane in an export, with the path of its conversation."""

    name: str
    path: tuple[Message, ...]
    begun: datetime | None = None
    """Creation time of the conversation. Earlier messages were copied into it."""


def columns_of(lines: Sequence[FigureLine]) -> tuple[Phrase, ...]:
    """Return the headings of a table, which has columns for tool calls only if there are any."""
    return (*COLUMNS, *TOOL_COLUMNS) if any(line.tool_calls for line in lines) else COLUMNS


def cells(line: FigureLine, *, with_tools: bool = False) -> tuple[str, ...]:
    """Return the figures in the order of COLUMNS, with empty cells for unknown ones."""
    found = (
        line.name,
        _number(line.ttft_ms, 0),
        _number(line.tokens_per_second, 1),
        _number(line.duration_ms, 0),
        _number(line.reasoning_ms, 0),
        _number(line.input_tokens, 0),
        _number(line.output_tokens, 0),
        _number(line.reasoning_tokens, 0),
        _number(line.cost, 6),
        line.ending,
    )
    return (*found, _number(line.tool_calls, 0), _number(line.tool_ms, 0)) if with_tools else found


def as_markdown(lines: Sequence[FigureLine], columns: Sequence[str] = ()) -> str:
    """Return a Markdown table with right-aligned numbers.

    Args:
        columns: The translated headings of `columns_of`; English ones if empty.
    """
    heads = columns or columns_of(lines)
    tools = len(heads) - len(COLUMNS)
    rows = [[_in_markdown(cell) for cell in cells(line, with_tools=tools > 0)] for line in lines]
    rule = ["---", *["---:"] * (len(COLUMNS) - 2), "---", *["---:"] * tools]
    return "".join(f"| {' | '.join(row)} |\n" for row in ([*heads], rule, *rows))


def as_tabs(lines: Sequence[FigureLine], columns: Sequence[str] = ()) -> str:
    """Return tab-separated rows for spreadsheets, with the headings that `as_markdown` describes."""
    heads = columns or columns_of(lines)
    return rows_as_tabs([heads, *(cells(line, with_tools=len(heads) > len(COLUMNS)) for line in lines)])


def as_csv(panes: Sequence[PaneColumn]) -> str:
    """Return CSV (RFC 4180) with a row for each turn of each pane, followed by a row for each pane in total."""
    totals = [over_all(pane.name, pane.path, pane.begun) for pane in panes]
    heads = columns_of([over_all(pane.name, pane.path) for pane in panes])
    with_tools = len(heads) > len(COLUMNS)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Turn", *heads])
    for turn, numbers in enumerate(aligned([pane.path for pane in panes]), 1):
        for pane, number in zip(panes, numbers, strict=True):
            line = of_turn(pane.name, pane.path, number)
            if number is not None and turns(pane.path)[number][1] is not None:
                writer.writerow([str(turn), *map(_safe, cells(line, with_tools=with_tools))])
    for line in totals:
        writer.writerow(["all", *map(_safe, cells(line, with_tools=with_tools))])
    return out.getvalue()


def rows_as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV (RFC 4180), with formulas escaped."""
    out = io.StringIO()
    csv.writer(out).writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def rows_as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table, the first of which holds the headings."""
    lines = [[_in_markdown(cell) for cell in row] for row in rows]
    rule = [["---"] * len(row) for row in lines[:1]]
    return "".join(f"| {' | '.join(row)} |\n" for row in (*lines[:1], *rule, *lines[1:]))


def rows_as_tabs(rows: Sequence[Sequence[str]]) -> str:
    """Return tab-separated rows for spreadsheets, with formulas escaped."""
    return "".join("\t".join(map(_safe, row)) + "\n" for row in rows)


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _safe(cell: str) -> str:
    """Return a cell on one line, with formulas escaped."""
    return _FORMULA.sub(r"\1'\2", " ".join(cell.split()))


def _in_markdown(cell: str) -> str:
    return " ".join(cell.replace("\\", "\\\\").replace("|", "\\|").split())
