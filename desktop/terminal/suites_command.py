"""`suites`: checks suite files, imports files from other programs, and prints the schema."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from desktop.domain.conversation_types import JsonValue, Value
from desktop.errors import SuiteInvalid, TransferError, UsageError
from desktop.evals.execution.run_callers import parameters_json, unlisted_sentences
from desktop.evals.suites.data_set import ImportOptions, column_map
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_file import read_suite
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import may_replace
from desktop.text.phrases import english

_TOLD = 100
"""Maximum number of sentences printed per file; `--json` prints all."""


class CheckedSuite(Value, frozen=True, kw_only=True):
    """Output of `suites check --json`. `answers` is the number of responses that a run requests.

    `parameters` are those that may affect how the provider handles requests, by contender and judge.
    """

    file: str
    valid: bool
    name: str = ""
    prompts: int = 0
    cases: int = 0
    contenders: int = 0
    repeats: int = 0
    answers: int = 0
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    parameters: tuple[dict[str, JsonValue], ...] = ()


class ImportedSuite(Value, frozen=True, kw_only=True):
    """Output of `suites import --json`. `written` is empty if no suite was written."""

    file: str
    kind: str = ""
    written: str = ""
    cases: int = 0
    changed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    problem: str = ""


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `suites` action. Returns 1 if something was rejected, 2 if a checked file is not a suite."""
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace], Awaitable[int]]] = {
        "check": _check,
        "import": _import,
        "schema": _schema,
    }
    return await actions[arguments.action](services, arguments)


async def _check(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    try:
        suite = await asyncio.to_thread(read_suite, arguments.file)
    except SuiteInvalid as error:
        if not arguments.json:
            raise
        services.console.json(CheckedSuite(file=str(arguments.file), valid=False, problems=error.problems))
        return 2
    checked = _checked(arguments.file, suite)
    if arguments.json:
        services.console.json(checked)
        return 0
    sizes = (
        *(count(checked.prompts, "prompt"), count(checked.cases, "case"), count(checked.contenders, "contender")),
        count(checked.repeats, "repeat"),
    )
    services.console.line(f"{arguments.file} is a suite: {', '.join(sizes)}; {count(checked.answers, 'response')}.")
    for notice in checked.notices:
        services.console.note(notice)
    return 0


def _checked(path: Path, suite: Suite) -> CheckedSuite:
    notices: list[str] = []
    if not suite.contenders:
        notices.append("The suite names no contenders: choose models with run --model.")
    judges = {id(spec): spec for case in suite.cases for spec in case.graders if spec.type in ("judge", "judge-pair")}
    if any("model" not in spec.options for spec in judges.values()):
        notices.append("A judge names no model: add `judge: connection/model`, or its responses are not graded.")
    return CheckedSuite(
        file=str(path),
        valid=True,
        name=suite.name,
        prompts=len(suite.prompts),
        cases=len(suite.cases),
        contenders=len(suite.contenders),
        repeats=suite.repeats,
        answers=len(suite.cases) * len(suite.contenders) * suite.repeats,
        notices=(*notices, *map(str, unlisted_sentences(suite))),
        parameters=tuple(parameters_json(suite)),
    )


async def _import(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    services.settings.policy.require_way_in()
    if arguments.output is not None:
        if len(arguments.files) > 1:
            raise UsageError(english("--output is for a single file."))
        if await asyncio.to_thread(arguments.output.exists) and not await may_replace(
            services.console, arguments.output
        ):
            return 1
    options = ImportOptions(columns=column_map(arguments.map) if arguments.map else {}, grader=arguments.grader)
    imports = [
        await asyncio.to_thread(_imported, path, options, arguments.output, dry=arguments.dry_run)
        for path in arguments.files
    ]
    if arguments.json:
        services.console.json({"files": imports})
    else:
        for each in imports:
            _tell(services.console, each, dry=arguments.dry_run)
    return 1 if any(each.refused or each.problem for each in imports) else 0


def _imported(path: Path, options: ImportOptions, output: Path | None, *, dry: bool) -> ImportedSuite:
    """Import a file and write the resulting suite, next to it without `output`. Call on a thread."""
    from desktop.evals.suites.foreign_suite import import_suite, write_beside
    from desktop.evals.suites.suite_file import suite_yaml
    from desktop.transfer.export import export_writer

    try:
        foreign = import_suite(path, options)
    except SuiteInvalid as error:
        return ImportedSuite(file=str(path), problem=f"{error.message} {error.hint}".strip())
    cases = len(foreign.suite.cases) if foreign.suite is not None else 0
    written, problem = "", ""
    if foreign.suite is not None and not dry:
        try:
            if output is None:
                written = str(write_beside(path, foreign))
            else:
                export_writer.write_bytes(output, [suite_yaml(foreign.suite, remarks=foreign.remarks).encode()])
                written = str(output)
        except TransferError as error:
            problem = str(error.message)
        except OSError as error:
            problem = f"{path.name}: the suite could not be written: {error.strerror or error}."
    return ImportedSuite(
        file=str(path),
        kind=foreign.kind,
        written=written,
        cases=cases,
        changed=foreign.changed,
        refused=foreign.refused,
        problem=problem,
    )


def _tell(console: Console, found: ImportedSuite, *, dry: bool) -> None:
    """Print the imported part to standard output, changes and rejections to standard error."""
    for title, sentences in (("Changed", found.changed), ("Refused", found.refused)):
        for sentence in sentences[:_TOLD]:
            console.note(f"{title}: {sentence}")
        if len(sentences) > _TOLD:
            console.note(f"{title}: {len(sentences) - _TOLD:,} more; --json prints all.")
    if found.problem:
        console.error(found.problem)
    elif found.written:
        console.line(f"{found.file} ({found.kind}): {count(found.cases, 'case')} in {found.written}.")
    elif found.cases and dry:
        console.line(f"{found.file} ({found.kind}): {count(found.cases, 'case')} would be imported.")
    else:
        console.line(f"{found.file} ({found.kind}): nothing was imported.")


async def _schema(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.evals.suites.suite_schema import schema_text

    del arguments
    services.console.raw(schema_text())
    return 0
