"""Parses expected values in promptfoo's notation: `not-icontains:text`, `similar(0.8):text`, or plain text."""

from __future__ import annotations

import re

from desktop.domain.conversation_types import JsonValue, Value
from desktop.text.late_pattern import late_pattern

# `not-`, a type, a threshold in parentheses and the expected text
_CELL = late_pattern(r"^(not-)?([a-z][a-z0-9-]{0,40})(?:\((\d{1,9}(?:\.\d{1,9})?)\))?(?::(.*))?$", re.DOTALL)


class ExpectedCell(Value, frozen=True, kw_only=True):
    """A parsed cell. `type` is the type as written, or empty for plain text."""

    type: str = ""
    negated: bool = False
    threshold: float | None = None
    value: str | None = None


def parse_cell(cell: str, types: frozenset[str]) -> ExpectedCell:
    """Parse a cell whose type is in `types`. Other cells are plain text that the response must equal."""
    match = _CELL.match(cell.strip())
    if match is None or match[2] not in types:
        return ExpectedCell(value=cell.strip())
    return ExpectedCell(
        type=match[2],
        negated=match[1] is not None,
        threshold=None if match[3] is None else float(match[3]),
        value=None if match[4] is None else match[4].strip(),
    )


def grader_table(cell: ExpectedCell) -> dict[str, JsonValue]:
    """Return a cell as a grader in a suite's format."""
    if not cell.type:
        return {"type": "equals", "value": cell.value or ""}
    table: dict[str, JsonValue] = {"type": f"not-{cell.type}" if cell.negated else cell.type}
    if cell.type.removeprefix("i") in ("contains-any", "contains-all"):
        table["value"] = listed(cell.value or "")
    elif cell.value is not None:
        table["value"] = cell.value
    if cell.threshold is not None:
        table["threshold"] = cell.threshold
    return table


def listed(text: str) -> list[JsonValue]:
    """Split comma-separated texts."""
    return [each.strip() for each in text.split(",") if each.strip()]
