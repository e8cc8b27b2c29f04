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
from desktop.text.phrases import phrase

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


def cells(line: FigureLine) -> tuple[str, ...]:
    """Return the figures in the order of COLUMNS, with empty cells for unknown ones."""
    return (
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


def as_markdown(lines: Sequence[FigureLine], columns: Sequence[str] = COLUMNS) -> str:
    """Return a Markdown table with right-aligned numbers. `columns` are the translated headings."""
    rows = [[_in_markdown(cell) for cell in cells(line)] for line in lines]
    rule = ["---", *["---:"] * (len(COLUMNS) - 2), "---"]
    return "".join(f"| {' | '.join(row)} |\n" for row in ([*columns], rule, *rows))


def as_tabs(lines: Sequence[FigureLine], columns: Sequence[str] = COLUMNS) -> str:
    """Return tab-separated rows for spreadsheets."""
    return rows_as_tabs([columns, *(cells(line) for line in lines)])


def as_csv(panes: Sequence[PaneColumn]) -> str:
    """Return CSV (RFC 4180) with a row for each turn of each pane, followed by a row for each pane in total."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Turn", *COLUMNS])
    for turn, numbers in enumerate(aligned([pane.path for pane in panes]), 1):
        for pane, number in zip(panes, numbers, strict=True):
            line = of_turn(pane.name, pane.path, number)
            if number is not None and turns(pane.path)[number][1] is not None:
                writer.writerow([str(turn), *map(_safe, cells(line))])
    for pane in panes:
        writer.writerow(["all", *map(_safe, cells(over_all(pane.name, pane.path, pane.begun)))])
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
