"""Agreement between JSON responses field by field. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum, auto

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import JsonValue
from desktop.metrics.json_fields import (
    Absent,
    FoundField,
    FoundFields,
    Schema,
    canonical,
    fields_of,
    has_valid_type,
    path_text,
    read_json,
    value_at,
)
from desktop.text.phrases import Phrase


class FieldState(Enum):
    """How the value of a field in one response relates to those in the others."""

    SAME = auto()  # the most frequent value, or the only one
    DIFFERENT = auto()  # another value, or none of several values is the most frequent
    MISSING = auto()  # the response lacks a field that others have or that the schema requires
    INVALID = auto()  # the schema does not allow a value of this type
    NONE = auto()  # the response is not JSON


class FieldCell(Struct, frozen=True):
    """Value of a field in one response as canonical JSON; empty if it has none."""

    state: FieldState
    text: str = ""


class FieldRow(Struct, frozen=True):
    """A field with its value in each response.

    `agreement` is the share of JSON responses with the most frequent valid value; None for a single response.
    """

    path: str
    cells: tuple[FieldCell, ...]
    agreement: float | None

    @property
    def is_same(self) -> bool:
        """Whether all JSON responses have the same valid value."""
        return all(cell.state in (FieldState.SAME, FieldState.NONE) for cell in self.cells)


class FieldTable(Struct, frozen=True):
    """Fields of several responses.

    Attributes:
        problems: For each response the reason why it is not JSON, or None.
        is_cut: Whether there are more fields than are compared.
    """

    rows: tuple[FieldRow, ...]
    problems: tuple[Phrase | None, ...]
    is_cut: bool = False

    @property
    def compared(self) -> int:
        """Number of responses that are JSON."""
        return sum(problem is None for problem in self.problems)

    @property
    def same(self) -> int:
        """Number of fields on which all JSON responses agree."""
        return sum(row.is_same for row in self.rows)

    @property
    def agreement(self) -> float | None:
        """Mean agreement of all fields; None if fewer than two responses are JSON."""
        known = [row.agreement for row in self.rows if row.agreement is not None]
        return sum(known) / len(known) if known else None


def schema_of(text: str) -> Schema | None:
    """Return a schema from its text, or None if there is none or the text is no JSON object."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, JsonValue])
    except (msgspec.DecodeError, RecursionError):
        return None


def field_table(texts: Sequence[str | None], schema: Schema | None = None) -> FieldTable:
    """Compare responses field by field; values are equal if their canonical JSON is.

    Args:
        texts: The responses; None for a pane without one, which is not compared.
    """
    read = [read_json(text or "") for text in texts]
    values = [each.value for each in read if each.problem is None]
    found = fields_of(values, schema) if values else FoundFields(())
    ok = [each.problem is None for each in read]

    def row(field: FoundField) -> FieldRow:
        """Return the row of a field."""
        return _row(field, [value_at(each.value, field.path) if each.problem is None else None for each in read], ok)

    rows = tuple(map(row, found.fields))
    return FieldTable(rows, tuple(each.problem for each in read), found.is_cut)


def _row(field: FoundField, values: Sequence[JsonValue | Absent], ok: Sequence[bool]) -> FieldRow:
    texts = [
        canonical(each) if fine and not isinstance(each, Absent) else None
        for each, fine in zip(values, ok, strict=True)
    ]
    valid = [
        text
        for value, text in zip(values, texts, strict=True)
        if text is not None and not isinstance(value, Absent) and has_valid_type(value, field.schema)
    ]
    counted = Counter(valid).most_common(2)
    most = counted[0][1] if counted else 0
    leads = counted[0][0] if counted and (len(counted) == 1 or most > counted[1][1]) else None
    cells: list[FieldCell] = []
    for text, is_json in zip(texts, ok, strict=True):
        if not is_json:
            cells.append(FieldCell(FieldState.NONE))
        elif text is None:
            cells.append(FieldCell(FieldState.MISSING))
        elif text not in valid:
            cells.append(FieldCell(FieldState.INVALID, text))
        else:
            cells.append(FieldCell(FieldState.SAME if text == leads else FieldState.DIFFERENT, text))
    compared = sum(ok)
    return FieldRow(path_text(field.path), tuple(cells), most / compared if compared > 1 else None)
