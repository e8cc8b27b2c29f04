"""A file of another program as a suite, whichever of those that are known it is; and a place to write it to."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.errors import SuiteInvalid
from desktop.phrases import phrase
from desktop.runs.graders.schema_inspector import SchemaInspector
from desktop.runs.importers.json_lines import first_object
from desktop.runs.importers.mt_bench import bench_suite
from desktop.runs.importers.openai_evals import evals_suite
from desktop.runs.importers.promptfoo_config import promptfoo_suite
from desktop.runs.importers.promptfoo_table import table_suite
from desktop.runs.importers.suite_import import SuiteImport
from desktop.runs.suite_file import suite_yaml
from desktop.runs.suite_problems import Place, SuiteProblems
from desktop.runs.suite_source import MOST_CASES_BYTES, text_of_file

_MOST_NAMES = 10_000


def import_suite(path: Path) -> SuiteImport:
    """What comes of a file. Raises SuiteInvalid where it cannot be read, or is of no kind that is known."""
    problems = SuiteProblems()
    text = text_of_file(path, problems, MOST_CASES_BYTES)
    problems.demand_none()
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
        problem = phrase("These are neither OpenAI evals samples nor MT-Bench questions.")
        raise SuiteInvalid(Place(path.name).tell(problem))
    return _of_yaml(text, path, problems)


def write_beside(path: Path, found: SuiteImport) -> Path:
    """Write the suite of an import as NAME.yaml beside its source, or NAME-2.yaml where that is there; its path.

    Like every file that is written, it is its owner's alone: prompts stand in it.

    Nothing is left of one that could not be written whole: its beginning would be a suite too. Raises OSError, and
    ValueError where nothing was left to be written.
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
    from desktop.runs.yaml_text import read_yaml

    root = read_yaml(text, path.name, problems)
    if root is None:
        problems.demand_none()
        raise AssertionError  # what cannot be read was told
    with SchemaInspector() as schemas:
        return promptfoo_suite(root, problems, path.stem, schemas)
