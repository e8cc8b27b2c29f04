"""Imports promptfoo test cases from CSV: one column per variable, and columns with expectations."""

from __future__ import annotations

import math
from collections.abc import Iterator

from desktop.domain.conversation_types import JsonValue
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.cases_csv import rows
from desktop.evals.suites.promptfoo_asserts import cell_tables, is_reference
from desktop.evals.suites.promptfoo_tests import TAGS
from desktop.evals.suites.suite_import import MOST_CASES, ImportNotes, SuiteImport, Table, add_empty, suite_of_tables
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.evals.suites.templates import names_in, slip_in
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import phrase

KIND = "promptfoo CSV"

ASKED = ("prompt", "question", "input", "query", "text", "message")
"""Names of columns that can serve as the prompt if none is specified."""

_EXPECTED = late_pattern(r"__expected[0-9]{0,4}")
_METADATA = "__metadata:"
_PLAIN = ("__prefix", "__suffix", "__description", "__metric", "__threshold")


def table_suite(
    text: str, file: str, problems: SuiteProblems, name: str, schemas: SchemaInspector | None = None
) -> SuiteImport:
    """Import a table.

    Raises:
        SuiteInvalid: If the table is empty or has no usable variable.
    """
    notes = ImportNotes(schemas)
    table_rows = rows(text, file, problems)
    line, head = next(table_rows, (0, list[str]()))
    head = [each.strip() for each in head]
    if not line:
        problems.add(Place(file), phrase("The file is empty."))
        problems.require_none()
    head_place = Place(file, line)
    names = [each for each in head if each and not each.startswith("__")]
    if not names:
        problems.add(head_place, phrase("There is no variable column."))
        problems.require_none()
    _tell_columns(head, head_place, notes)
    asked = next((each for each in names if each.casefold() in ASKED), names[0])
    prompt = f"{{{{{asked}}}}}"
    if slip_in(prompt) or names_in(prompt) != (asked,):
        problems.add(head_place, phrase("“{name}” is not a valid variable name.", name=shown(asked)))
        problems.require_none()
    notes.change(
        head_place, phrase("The table has no prompt, so the column “{name}” is sent unchanged.", name=shown(asked))
    )
    lines = [*_lines(table_rows, head, prompt, file, notes)]
    for sentence in problems.sentences:
        notes.refuse(Place(file), sentence)
    table: Table = {"name": name, "prompts": [prompt], "contenders": []}
    suite = suite_of_tables(table, lines, file, notes)
    remarks = (f"Made of {file}, a table of promptfoo's.", "It names no models: name contenders, or run --model.")
    return SuiteImport(kind=KIND, suite=suite, remarks=remarks, changed=notes.changed, refused=notes.refused)


def _tell_columns(head: list[str], place: Place, notes: ImportNotes) -> None:
    for at, name in enumerate(head):
        if not name:
            notes.refuse(place, phrase("Column {number} has no name.", number=at + 1))
        elif name in head[:at]:
            notes.refuse(place, phrase("Two columns have the same name: “{name}”.", name=shown(name)))
        elif name.startswith("__") and not (name in _PLAIN or _EXPECTED.fullmatch(name) or _tag_of(name)):
            notes.left_out(place, name)


def _tag_of(column: str) -> str:
    """Return the metadata name if a column contains tags, or an empty string."""
    name = column.removeprefix(_METADATA).removesuffix("[]")
    return name if column.startswith(_METADATA) and name in TAGS else ""


def _lines(
    found: Iterator[tuple[int, list[str]]], head: list[str], prompt: str, file: str, notes: ImportNotes
) -> Iterator[Table]:
    count = 0
    for line, row in found:
        row_place = Place(file, line)
        if count >= MOST_CASES:
            notes.refuse(
                row_place,
                phrase("Additional cases were not imported: a suite can have at most {most}.", most=MOST_CASES),
            )
            return
        if len(row) > len(head):
            problem = phrase(
                "The row has {cells} cells, but there are only {columns} columns.", cells=len(row), columns=len(head)
            )
            notes.refuse(row_place, problem)
            continue
        cells = dict(zip(head, [*row, *[""] * (len(head) - len(row))], strict=True))
        if (made := _line(cells, prompt, row_place, notes)) is not None:
            count += 1
            yield made


def _line(cells: dict[str, str], prompt: str, place: Place, notes: ImportNotes) -> Table | None:
    """Convert a row to a case line, or return None if the row is rejected."""
    variables: dict[str, JsonValue] = {name: cell for name, cell in cells.items() if name and not name.startswith("__")}
    code = next((cell for cell in variables.values() if isinstance(cell, str) and is_reference(cell)), None)
    if code is not None:
        notes.refuse_code(place, str(code))
        return None
    graders = [
        grader
        for name, cell in cells.items()
        if _EXPECTED.fullmatch(name) and cell.strip()
        for grader in cell_tables(cell, place, notes)
    ]
    if metric := cells.get("__metric", "").strip():
        graders = [{**grader, "metric": metric} for grader in graders]
    texts = (value for grader in graders for value in grader.values() if isinstance(value, str))
    if missing := add_empty(variables, texts):
        names = ", ".join(map(shown, missing))
        notes.change(
            place, phrase("The row has no value for {names}. Empty text is used, as in promptfoo.", names=names)
        )
    line: Table = {"vars": variables, "graders": [*graders], "tags": [*_tags(cells)]}
    line |= {"description": cells.get("__description", "").strip(), "threshold": _threshold(cells, place, notes)}
    prefix, suffix = cells.get("__prefix", ""), cells.get("__suffix", "")
    if prefix or suffix:
        asked = f"{prefix}{prompt}{suffix}"
        if slip_in(asked):
            notes.refuse_code(place, prefix or suffix)
            return None
        add_empty(variables, (asked,))
        line["turns"] = [asked]
    return line


def _tags(cells: dict[str, str]) -> list[str]:
    tags = [
        tag.strip()
        for name, cell in cells.items()
        if _tag_of(name)
        for tag in (cell.split(",") if name.endswith("[]") else [cell])
    ]
    return [tag for tag in dict.fromkeys(tags) if tag]


def _threshold(cells: dict[str, str], place: Place, notes: ImportNotes) -> float | None:
    cell = cells.get("__threshold", "").strip()
    if not cell:
        return None
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if 0 <= number <= 1:
        return number
    notes.left_out(place, f"__threshold {cell}")
    return None
