"""Reads suites from YAML or TOML files, converts them to and from stored JSON, and writes YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec

from desktop.domain.conversation_types import NO_TOOLS, JsonValue, ToolChoice
from desktop.errors import SuiteInvalid
from desktop.evals.suites.suite import (
    SCHEMA,
    Case,
    GraderSpec,
    Suite,
    SuiteContender,
    SuiteLimits,
    SuitePrompt,
    ToolMode,
)
from desktop.evals.suites.suite_node import DEEPEST, SuiteNode, node_of
from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.text.phrases import phrase

_TOML, _YAML = (".toml",), (".yaml", ".yml", ".json")


def read_suite(path: Path) -> Suite:
    """Read a suite from a YAML or TOML file, and any case files next to it.

    Raises:
        SuiteInvalid: If there are problems; the error lists them all.
    """
    from desktop.evals.suites.suite_source import text_of_file

    problems = SuiteProblems()
    text = text_of_file(path, problems)
    root = None if text is None else _root(path, text, problems)
    if root is None:
        problems.require_none()
        raise AssertionError  # not reached: unreadable files were reported above
    return _checked(root, problems, path.parent, path.stem)


def suite_of(data: dict[str, JsonValue], *, file: str = "suite", folder: Path | None = None, name: str = "") -> Suite:
    """Return the suite in JSON data.

    Raises:
        SuiteInvalid: If there are problems; the error lists them all.
    """
    problems = SuiteProblems()
    try:
        root = node_of(data, file)
    except (ValueError, RecursionError):
        problem = phrase("Lists and tables are nested more than {most} levels deep.", most=DEEPEST)
        raise SuiteInvalid(Place(file).tell(problem)) from None
    return _checked(root, problems, folder, name)


def suite_json(suite: Suite) -> dict[str, JsonValue]:
    """Return a suite as JSON to be stored with a run, readable by `suite_from_json`. Shared graders are stored once."""
    graders: dict[int, int] = {}
    specs: list[GraderSpec] = []
    for spec in (spec for case in suite.cases for spec in case.graders):
        if id(spec) not in graders:
            graders[id(spec)] = len(specs)
            specs.append(spec)
    kept = cast("dict[str, JsonValue]", msgspec.to_builtins(msgspec.structs.replace(suite, cases=())))
    cases = [_case_json(case, [graders[id(spec)] for spec in case.graders]) for case in suite.cases]
    return {"schema": SCHEMA, **kept, "graders": msgspec.to_builtins(specs), "cases": cast("list[JsonValue]", cases)}


def suite_from_json(data: dict[str, JsonValue]) -> Suite:
    """Return the suite in JSON written by `suite_json`.

    Raises:
        SuiteInvalid: If the JSON is invalid.
    """
    try:
        stored = msgspec.convert(data, _KeptSuite)
        cases = tuple(
            Case(
                **{name: getattr(case, name) for name in _CASE_FIELDS},
                graders=tuple(stored.graders[place] for place in case.graders),
            )
            for case in stored.cases
        )
        for case in cases:
            stored.prompts[case.prompt].turns[0]  # raises IndexError if the prompt is missing or empty
    except (msgspec.ValidationError, IndexError, RecursionError) as error:
        problem = phrase("The saved suite could not be read: {reason}.", reason=str(error))
        raise SuiteInvalid(problem) from None
    return Suite(**{name: getattr(stored, name) for name in _SUITE_FIELDS}, cases=cases)


def suite_yaml(suite: Suite, *, remarks: tuple[str, ...] = ()) -> str:
    """Return a suite as a YAML file. `remarks` become comments at the top.

    Raises:
        ValueError: If the cases cannot be expressed as case lines.
    """
    from desktop.evals.suites.suite_yaml import written

    return written(suite, remarks)


_CASE_FIELDS = ("prompt", "origin", "vars", "tags", "cluster", "description", "threshold")
_SUITE_FIELDS = (
    *("name", "prompts", "contenders", "system", "repeats", "limits", "planned_tags", "description", "tools"),
    "tool_mode",
)


class _KeptCase(msgspec.Struct):
    """A case as stored; `graders` are indexes into the suite's graders."""

    prompt: int
    origin: int
    vars: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    graders: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    cluster: str = ""
    description: str = ""
    threshold: float | None = None


class _KeptSuite(msgspec.Struct):
    """A suite as stored with a run."""

    name: str
    prompts: tuple[SuitePrompt, ...]
    contenders: tuple[SuiteContender, ...]
    cases: tuple[_KeptCase, ...]
    graders: tuple[GraderSpec, ...] = ()
    system: str | None = None
    repeats: int = 1
    limits: SuiteLimits = SuiteLimits()
    planned_tags: tuple[str, ...] = ()
    description: str = ""
    tools: ToolChoice = NO_TOOLS
    tool_mode: ToolMode = ToolMode.LIVE


def _case_json(case: Case, graders: list[int]) -> dict[str, Any]:
    """Return a case as JSON data without empty fields."""
    fields: dict[str, Any] = {name: getattr(case, name) for name in _CASE_FIELDS}
    fields |= {"graders": graders, "tags": list(case.tags)}
    return {name: value for name, value in fields.items() if value not in ("", [], {}, None)}


def _checked(root: SuiteNode, problems: SuiteProblems, folder: Path | None, name: str) -> Suite:
    from desktop.evals.graders.schema_inspector import SchemaInspector
    from desktop.evals.suites.cases_csv import CasesReader
    from desktop.evals.suites.suite_check import checked_suite

    with SchemaInspector() as schemas:
        return checked_suite(root, problems, CasesReader(folder, problems), name, schemas)


def _root(path: Path, text: str, problems: SuiteProblems) -> SuiteNode | None:
    from desktop.evals.suites.suite_toml import is_toml, read_toml
    from desktop.evals.suites.yaml_text import read_yaml

    ending = path.suffix.lower()
    toml = ending in _TOML or (ending not in _YAML and is_toml(text))
    return (read_toml if toml else read_yaml)(text, path.name, problems)


def text_of_suite(path: Path) -> str:
    """Return the text of a suite file.

    Raises:
        SuiteInvalid: If the file cannot be read as text.
    """
    from desktop.evals.suites.suite_source import text_of_file

    problems = SuiteProblems()
    text = text_of_file(path, problems)
    problems.require_none()
    return text or ""


def suite_of_text(text: str, path: Path) -> Suite:
    """Return the suite in a text, as if the text were a file at `path`.

    Raises:
        SuiteInvalid: If there are problems; the error lists them all.
    """
    problems = SuiteProblems()
    root = _root(path, text, problems)
    if root is None:
        problems.require_none()
        raise AssertionError  # not reached: unreadable files were reported above
    return _checked(root, problems, path.parent, path.stem)
