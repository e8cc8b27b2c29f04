"""Imports data sets of prompts and expected answers: JSON Lines and CSV of other programs, or with a column map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from desktop.domain.conversation_types import JsonValue, Value
from desktop.errors import SuiteInvalid, UsageError
from desktop.evals.suites.foreign_prompt import ForeignPrompt, conversation, without_system
from desktop.evals.suites.suite_import import ImportNotes, SuiteImport, Table, literal, suite_of_tables
from desktop.evals.suites.suite_problems import Place, shown
from desktop.text.phrases import phrase

ROLES = ("input", "target", "system", "context", "choices", "id", "tags")
"""What a column can be. `input` is required; other columns are not imported."""

PROMPT = "{{input}}"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class DataFormat(NamedTuple):
    """A known shape of data: the columns by their role. `grader` compares with the target."""

    kind: str
    columns: Mapping[str, str]
    grader: str = "icontains"


FORMATS = (
    DataFormat("OpenAI evals", {"input": "input", "target": "ideal"}, "contains"),
    DataFormat("Inspect", {"input": "input", "target": "target", "choices": "choices", "id": "id"}),
    DataFormat("Foundry", {"input": "query", "target": "ground_truth", "context": "context"}),
    DataFormat("chat", {"input": "messages"}),
)
"""In order of preference; a format matches if its input and its target, if it has one, are among the columns."""

_UNTARGETED = (FORMATS[0], FORMATS[2])
"""Formats whose data can have no target."""


class ImportOptions(Value, frozen=True, kw_only=True):
    """How to import a data set. `columns` are columns by role, `grader` the type that compares with the target.

    Both are taken from the file's format if they are empty.
    """

    columns: Mapping[str, str] = {}
    grader: str = ""


USUAL_OPTIONS = ImportOptions()


def column_map(text: str) -> dict[str, str]:
    """Return the columns by role of a text such as `input=question,target=answer`.

    Raises:
        UsageError: If the text is invalid.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        role, equals, column = (each.strip() for each in part.partition("="))
        if not equals or not column or role not in ROLES or role in found:
            roles = ", ".join(ROLES)
            raise UsageError(
                phrase("“{part}” is not ROLE=COLUMN with one of these roles: {roles}.", part=part, roles=roles)
            )
        found[role] = column
    if "input" not in found:
        raise UsageError(phrase("The column map does not say which column is the input."))
    return found


def format_of(first: Mapping[str, JsonValue], options: ImportOptions) -> DataFormat | None:
    """Return the format of data whose first row is given, or None if it is unknown."""
    if options.columns:
        return DataFormat("data set", options.columns)
    row = unwrapped(first)
    for each in FORMATS:
        if all(each.columns.get(role, "") in row for role in ("input", "target") if role in each.columns):
            return each
    return next((each for each in _UNTARGETED if each.columns["input"] in row), None)


def unwrapped(row: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return the item of a row as OpenAI's hosted evals export it, or the row itself."""
    item = row.get("item")
    return item if isinstance(item, dict) else row


def data_suite(
    rows: Iterable[tuple[Place, Mapping[str, JsonValue]]],
    form: DataFormat,
    file: str,
    name: str,
    notes: ImportNotes,
    options: ImportOptions = USUAL_OPTIONS,
) -> SuiteImport:
    """Import the rows of a data set.

    Raises:
        SuiteInvalid: If the first row lacks a column of the map.
    """
    samples: list[tuple[Place, ForeignPrompt, Mapping[str, JsonValue], JsonValue]] = []
    for at, (place, wrapped) in enumerate(rows):
        row = unwrapped(wrapped)
        if at == 0:
            _require_columns(row, options.columns, place)
        for extra in sorted(row.keys() - set(form.columns.values())):
            notes.left_out(Place(file), extra)
        asked, reference = _without_reference(row.get(form.columns["input"]))
        if (prompt := _prompt(asked, _text(row, form, "system"), place, notes)) is not None:
            target = row.get(form.columns["target"]) if "target" in form.columns else reference
            samples.append((place, prompt, row, target))
    prompts, system = without_system([prompt for _, prompt, _, _ in samples], Place(file), notes)
    writer = _Writer(form, options.grader or form.grader, notes)
    lines = [
        writer.line(prompt, row, target, place)
        for prompt, (place, _, row, target) in zip(prompts, samples, strict=True)
    ]
    table: Table = {"name": name, "prompts": [PROMPT], "contenders": []}
    if system:
        table["system"] = system
    suite = suite_of_tables(table, lines, file, notes)
    remarks = (f"Made of {file} ({form.kind}).", "It names no models: name contenders, or run --model.")
    return SuiteImport(kind=form.kind, suite=suite, remarks=remarks, changed=notes.changed, refused=notes.refused)


class _Writer:
    """Writes case lines for one format and grader."""

    def __init__(self, form: DataFormat, grader: str, notes: ImportNotes) -> None:
        self._form = form
        self._grader = grader
        self._notes = notes

    def line(self, prompt: ForeignPrompt, row: Mapping[str, JsonValue], target: JsonValue, place: Place) -> Table:
        """Convert a row to a case line. A row without a target has no grader."""
        parts = [prompt.turns[0]]
        if context := _text(row, self._form, "context"):
            parts.insert(0, context)
            self._notes.change(Place(place.file), phrase("The context is sent before the question."))
        choices = self._choices(row)
        if choices:
            listed = "\n".join(f"{letter}) {text}" for letter, text in zip(_LETTERS, choices, strict=False))
            parts += [listed, "Answer with the letter only."]
            self._notes.change(Place(place.file), phrase("The choices are listed after the question, with letters."))
        variables: dict[str, JsonValue] = {"input": "\n\n".join(parts)}
        tags = row.get(self._form.columns.get("tags", ""))
        return {
            "vars": variables,
            "graders": self._graders(target, choices, variables, place),
            "tags": [str(each) for each in (tags if isinstance(tags, list) else [tags]) if each not in (None, "")],
            "description": _text(row, self._form, "id")[:200],
        }

    def _choices(self, row: Mapping[str, JsonValue]) -> list[str]:
        found = row.get(self._form.columns.get("choices", ""))
        return [str(each) for each in found] if isinstance(found, list) and len(found) <= len(_LETTERS) else []

    def _graders(
        self, target: JsonValue, choices: list[str], variables: dict[str, JsonValue], place: Place
    ) -> list[JsonValue]:
        answers = target if isinstance(target, list) else [target]
        targets = [str(each) for each in answers if isinstance(each, str | int | float) and str(each).strip()]
        if not targets:
            self._notes.change(place, phrase("The sample has no ideal answer, so its responses are not graded."))
            return []
        if choices:
            letters = {each.strip().upper() for each in targets} & set(_LETTERS[: len(choices)])
            letters |= {_LETTERS[choices.index(each)] for each in targets if each in choices}
            if letters:
                return [{"type": "iregex", "value": rf"^\W*[{''.join(sorted(letters))}]\b"}]
        texts = [literal(each, variables, "ideal") for each in targets]
        if self._grader == "judge":
            return [{"type": "judge", "reference": "\n\n".join(texts)}]
        if len(texts) > 1 and self._grader in ("contains", "icontains"):
            return [{"type": f"{self._grader}-any", "value": [*texts]}]
        if len(texts) > 1:
            self._notes.change(place, phrase("Only the first of several expected answers was imported."))
        grader = self._notes.grader({"type": self._grader, "value": texts[0]}, place)
        return [grader] if grader is not None else []


def _require_columns(row: Mapping[str, JsonValue], columns: Mapping[str, str], place: Place) -> None:
    if absent := [column for column in columns.values() if column not in row]:
        problem = phrase(
            "There is no column “{name}”. The columns are: {names}.",
            name=shown(absent[0]),
            names=", ".join(shown(each) for each in row),
        )
        raise SuiteInvalid(place.tell(problem))


def _without_reference(asked: JsonValue) -> tuple[JsonValue, JsonValue]:
    """Return messages without a final message of the assistant, and its text, which is what a response should be."""
    if isinstance(asked, list) and asked and isinstance(last := asked[-1], dict) and last.get("role") == "assistant":
        return asked[:-1], last.get("content")
    return asked, None


def _prompt(asked: JsonValue, system: str, place: Place, notes: ImportNotes) -> ForeignPrompt | None:
    if isinstance(asked, str) and asked.strip():
        return ForeignPrompt(turns=(asked,), system=system)
    if isinstance(asked, list):
        messages = [each for each in asked if isinstance(each, dict)]
        if messages and len(messages) == len(asked):
            return conversation(messages, place, notes)
    notes.refuse(place, phrase("A prompt that is not text was not imported."))
    return None


def _text(row: Mapping[str, JsonValue], form: DataFormat, role: str) -> str:
    found = row.get(form.columns.get(role, ""))
    return re.sub(r"\s+\Z", "", str(found)) if isinstance(found, str | int | float) else ""
