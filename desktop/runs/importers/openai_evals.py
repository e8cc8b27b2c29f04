"""Samples of OpenAI evals, a line of JSON each, as a suite: an answer passes that holds the ideal one."""

from __future__ import annotations

from desktop.domain import JsonValue
from desktop.phrases import phrase
from desktop.runs.importers.foreign_prompt import ForeignPrompt, conversation, without_system
from desktop.runs.importers.json_lines import objects
from desktop.runs.importers.suite_import import ImportNotes, SuiteImport, Table, literal, suite_of_tables
from desktop.runs.suite_problems import Place

KIND = "OpenAI evals"
_TAKEN = frozenset(("input", "ideal"))
PROMPT = "{{input}}"


def evals_suite(text: str, file: str, name: str) -> SuiteImport:
    """The suite of a file of samples."""
    notes = ImportNotes()
    found: list[tuple[Place, ForeignPrompt, JsonValue]] = []
    for place, sample in objects(text, file, notes):
        for extra in sorted(sample.keys() - _TAKEN):
            notes.left_out(Place(file), extra)
        if (prompt := _prompt(sample.get("input"), place, notes)) is not None:
            found.append((place, prompt, sample.get("ideal")))
    prompts, system = without_system([prompt for _, prompt, _ in found], Place(file), notes)
    lines = [_line(prompt, ideal, place, notes) for prompt, (place, _, ideal) in zip(prompts, found, strict=True)]
    table: Table = {"name": name, "prompts": [PROMPT], "contenders": []}
    if system:
        table["system"] = system
    suite = suite_of_tables(table, lines, file, notes)
    remarks = (f"Made of {file}, samples of OpenAI evals.", "It names no models: name contenders, or run --model.")
    return SuiteImport(kind=KIND, suite=suite, remarks=remarks, changed=notes.changed, refused=notes.refused)


def _prompt(asked: JsonValue, place: Place, notes: ImportNotes) -> ForeignPrompt | None:
    if isinstance(asked, str) and asked.strip():
        return ForeignPrompt(turns=(asked,))
    if isinstance(asked, list):
        messages = [each for each in asked if isinstance(each, dict)]
        if messages and len(messages) == len(asked):
            return conversation(messages, place, notes)
    notes.refuse(place, phrase("A prompt that is not text was not imported."))
    return None


def _line(prompt: ForeignPrompt, ideal: JsonValue, place: Place, notes: ImportNotes) -> Table:
    """A sample; without a grader where nothing is ideal."""
    variables: dict[str, JsonValue] = {"input": prompt.turns[0]}
    ideals = [each for each in (ideal if isinstance(ideal, list) else [ideal]) if isinstance(each, str | int | float)]
    texts = [literal(str(each), variables, "ideal") for each in ideals if str(each).strip()]
    graders: list[JsonValue] = []
    if len(texts) == 1:
        graders = [{"type": "contains", "value": texts[0]}]
    elif texts:
        graders = [{"type": "contains-any", "value": [*texts]}]
    else:
        notes.change(place, phrase("The sample has no ideal answer: its responses are not graded."))
    return {"vars": variables, "graders": graders}
