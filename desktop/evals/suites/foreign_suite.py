"""Imports a suite from another program's file, and writes the suite next to that file."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.foreign_prompt import ForeignPrompt, conversation, without_system
from desktop.evals.suites.json_lines import first_object, objects
from desktop.evals.suites.mt_bench import bench_suite
from desktop.evals.suites.promptfoo_config import promptfoo_suite
from desktop.evals.suites.promptfoo_table import table_suite
from desktop.evals.suites.suite_file import suite_yaml
from desktop.evals.suites.suite_import import ImportNotes, SuiteImport, Table, literal, suite_of_tables
from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.evals.suites.suite_source import MOST_CASES_BYTES, text_of_file
from desktop.text.phrases import phrase

KIND = "OpenAI evals"
_TAKEN = frozenset(("input", "ideal"))
PROMPT = "{{input}}"


def evals_suite(text: str, file: str, name: str) -> SuiteImport:
    """Import a file of samples in OpenAI's evals format."""
    notes = ImportNotes()
    samples: list[tuple[Place, ForeignPrompt, JsonValue]] = []
    for place, sample in objects(text, file, notes):
        for extra in sorted(sample.keys() - _TAKEN):
            notes.left_out(Place(file), extra)
        if (prompt := _prompt(sample.get("input"), place, notes)) is not None:
            samples.append((place, prompt, sample.get("ideal")))
    prompts, system = without_system([prompt for _, prompt, _ in samples], Place(file), notes)
    lines = [_line(prompt, ideal, place, notes) for prompt, (place, _, ideal) in zip(prompts, samples, strict=True)]
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
    """Convert a sample to a case line. A sample without an ideal answer has no grader."""
    variables: dict[str, JsonValue] = {"input": prompt.turns[0]}
    ideals = [each for each in (ideal if isinstance(ideal, list) else [ideal]) if isinstance(each, str | int | float)]
    texts = [literal(str(each), variables, "ideal") for each in ideals if str(each).strip()]
    graders: list[JsonValue] = []
    if len(texts) == 1:
        graders = [{"type": "contains", "value": texts[0]}]
    elif texts:
        graders = [{"type": "contains-any", "value": [*texts]}]
    else:
        notes.change(place, phrase("The sample has no ideal answer, so its responses are not graded."))
    return {"vars": variables, "graders": graders}


_MOST_NAMES = 10_000


def import_suite(path: Path) -> SuiteImport:
    """Import a file in any known format.

    Raises:
        SuiteInvalid: If the file cannot be read or its format is unknown.
    """
    problems = SuiteProblems()
    text = text_of_file(path, problems, MOST_CASES_BYTES)
    problems.require_none()
    assert text is not None
    name = path.stem
    if path.suffix.lower() in (".csv", ".tsv"):
        with SchemaInspector() as schemas:
            return table_suite(text, path.name, problems, name, schemas)
    first = first_object(text)
    if first is not None and "turns" in first:
        return bench_suite(text, path.name, name)
    if first is not None and "input" in first:
        return evals_suite(text, path.name, name)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        problem = phrase("The file contains neither OpenAI evals samples nor MT-Bench questions.")
        raise SuiteInvalid(Place(path.name).tell(problem))
    return _of_yaml(text, path, problems)


def write_beside(path: Path, found: SuiteImport) -> Path:
    """Write an imported suite next to its source as NAME.yaml (or NAME-2.yaml etc.), and return the path.

    The file is only accessible to the user.
    """
    if found.suite is None:
        raise ValueError("nothing to write")
    text = suite_yaml(found.suite, remarks=found.remarks)
    for number in range(1, _MOST_NAMES):
        target = path.with_name(f"{path.stem}.yaml" if number == 1 else f"{path.stem}-{number}.yaml")
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target
    raise FileExistsError(str(path))


def _of_yaml(text: str, path: Path, problems: SuiteProblems) -> SuiteImport:
    from desktop.evals.suites.yaml_text import read_yaml

    root = read_yaml(text, path.name, problems)
    if root is None:
        problems.require_none()
        raise AssertionError  # not reached: unreadable files were reported above
    with SchemaInspector() as schemas:
        return promptfoo_suite(root, problems, path.stem, schemas)
