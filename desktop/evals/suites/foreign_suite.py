"""Imports a suite from another program's file, and writes the suite next to that file."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.cases_csv import rows
from desktop.evals.suites.data_set import USUAL_OPTIONS, ImportOptions, data_suite, format_of, unwrapped
from desktop.evals.suites.json_lines import first_object, objects
from desktop.evals.suites.mt_bench import bench_suite
from desktop.evals.suites.promptfoo_config import promptfoo_suite
from desktop.evals.suites.promptfoo_table import table_suite
from desktop.evals.suites.suite_file import suite_yaml
from desktop.evals.suites.suite_import import ImportNotes, SuiteImport, Table
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.evals.suites.suite_source import MOST_CASES_BYTES, text_of_file
from desktop.text.phrases import english, phrase

_MOST_NAMES = 10_000


def import_suite(path: Path, options: ImportOptions = USUAL_OPTIONS) -> SuiteImport:
    """Import a file in any known format. `options` apply to data sets.

    Raises:
        SuiteInvalid: If the file cannot be read or its format is unknown.
    """
    problems = SuiteProblems()
    text = text_of_file(path, problems, MOST_CASES_BYTES)
    problems.require_none()
    assert text is not None
    name = path.stem
    with SchemaInspector() as schemas:
        if path.suffix.lower() in (".csv", ".tsv"):
            found = _of_table(text, path, problems, options, schemas)
            return found or table_suite(text, path.name, problems, name, schemas)
        first = first_object(text)
        if first is not None and "turns" in first:
            return bench_suite(text, path.name, name)
        if first is not None and (form := format_of(first, options)) is not None:
            notes = ImportNotes(schemas)
            return data_suite(objects(text, path.name, notes), form, path.name, name, notes, options)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        columns = ", ".join(shown(each) for each in unwrapped(first or {}))
        problem = phrase(
            "The format is unknown. Say which column is the prompt and which the expected answer. The columns are: "
            "{columns}.",
            columns=columns or "–",
        )
        raise SuiteInvalid(
            Place(path.name, 1).tell(problem), hint=english("For example: --map input=question,target=answer")
        )
    return _of_yaml(text, path, problems)


def _of_table(
    text: str, path: Path, problems: SuiteProblems, options: ImportOptions, schemas: SchemaInspector
) -> SuiteImport | None:
    """Import a table with the columns of a known format or of the map; None if it is promptfoo's."""
    lines = rows(text, path.name, problems)
    _, head = next(lines, (0, list[str]()))
    first: Table = dict.fromkeys((each.strip() for each in head), "")
    form = format_of(first, options)
    if form is None or (not options.columns and form.columns.get("target", "") not in first):
        return None
    notes = ImportNotes(schemas)
    cells = ((Place(path.name, at), dict[str, JsonValue](zip(first, row, strict=False))) for at, row in lines)
    return data_suite(cells, form, path.name, path.stem, notes, options)


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
