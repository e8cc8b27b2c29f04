"""What a cell of a table of cases expects, in promptfoo's manner: `not-icontains:text`, `similar(0.8):text`, a text."""

from __future__ import annotations

import re

from desktop.domain.conversation_types import JsonValue, Value
from desktop.text.late_pattern import late_pattern

# `not-`, a type, a threshold in brackets, and what is expected.
_CELL = late_pattern(r"^(not-)?([a-z][a-z0-9-]{0,40})(?:\((\d{1,9}(?:\.\d{1,9})?)\))?(?::(.*))?$", re.DOTALL)


class ExpectedCell(Value, frozen=True, kw_only=True):
    """A cell, taken apart. `type` is as it is written; empty where the whole cell is a text to be equalled."""

    type: str = ""
    negated: bool = False
    threshold: float | None = None
    value: str | None = None


def parse_cell(cell: str, types: frozenset[str]) -> ExpectedCell:
    """A cell whose type is among `types`; any other is a text that the answer has to equal."""
    found = _CELL.match(cell.strip())
    if found is None or found[2] not in types:
        return ExpectedCell(value=cell.strip())
    return ExpectedCell(
        type=found[2],
        negated=found[1] is not None,
        threshold=None if found[3] is None else float(found[3]),
        value=None if found[4] is None else found[4].strip(),
    )


def grader_table(cell: ExpectedCell) -> dict[str, JsonValue]:
    """A cell of our own types as the table that a suite would have in its place."""
    if not cell.type:
        return {"type": "equals", "value": cell.value or ""}
    made: dict[str, JsonValue] = {"type": f"not-{cell.type}" if cell.negated else cell.type}
    if cell.type.removeprefix("i") in ("contains-any", "contains-all"):
        made["value"] = listed(cell.value or "")
    elif cell.value is not None:
        made["value"] = cell.value
    if cell.threshold is not None:
        made["threshold"] = cell.threshold
    return made


def listed(text: str) -> list[JsonValue]:
    """The texts of a cell that lists some, with commas between them."""
    return [each.strip() for each in text.split(",") if each.strip()]
