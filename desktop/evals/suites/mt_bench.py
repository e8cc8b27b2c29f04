"""Imports MT-Bench questions as a suite: several turns per case, with the category as a tag."""

from __future__ import annotations

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.json_lines import objects
from desktop.evals.suites.suite_import import ImportNotes, SuiteImport, Table, literal, suite_of_tables
from desktop.evals.suites.suite_problems import Place
from desktop.text.phrases import phrase

KIND = "MT-Bench"
_TAKEN = frozenset(("question_id", "category", "turns", "reference"))


def bench_suite(text: str, file: str, name: str) -> SuiteImport:
    """Import a file of questions."""
    notes = ImportNotes()
    lines: list[Table] = []
    for place, question in objects(text, file, notes):
        for extra in sorted(question.keys() - _TAKEN):
            notes.left_out(Place(file), extra)
        if (line := _line(question, place, notes)) is not None:
            lines.append(line)
    if any(line["graders"] for line in lines):
        notes.change(Place(file), phrase("References need a judge. Specify one with `judge: connection/model`."))
    table: Table = {"name": name, "contenders": []}
    suite = suite_of_tables(table, lines, file, notes)
    remarks = (f"Made of {file}, questions of MT-Bench.", "It names no models: name contenders, or run --model.")
    return SuiteImport(kind=KIND, suite=suite, remarks=remarks, changed=notes.changed, refused=notes.refused)


def _line(question: Table, place: Place, notes: ImportNotes) -> Table | None:
    """Convert a question to a case line, or return None if the question is rejected."""
    said = question.get("turns")
    turns = [each for each in said if isinstance(each, str) and each.strip()] if isinstance(said, list) else []
    if not isinstance(said, list) or not turns or len(turns) != len(said):
        notes.refuse(place, phrase("A question whose turns are not all text was not imported."))
        return None
    variables: dict[str, JsonValue] = {}
    turns_asked: list[JsonValue] = [literal(turn, variables, f"turn{at}") for at, turn in enumerate(turns, start=1)]
    graders: list[JsonValue] = []
    if reference := _reference(question.get("reference")):
        variables["reference"] = reference
        graders = [{"type": "judge", "reference": "{{reference}}"}]
    category = question.get("category")
    number = question.get("question_id")
    return {
        "vars": variables,
        "turns": turns_asked,
        "graders": graders,
        "tags": [category.strip()] if isinstance(category, str) and category.strip() else [],
        "description": f"{number}"[:200] if isinstance(number, str | int) else "",
    }


def _reference(found: JsonValue) -> str:
    """Return the reference answer as text for a judge."""
    texts = found if isinstance(found, list) else [found]
    return "\n\n".join(each for each in texts if isinstance(each, str)).strip()
