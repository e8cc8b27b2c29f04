"""`runs`: lists, shows, resumes, retries, grades, exports, compares and deletes runs of suites."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import now
from desktop.errors import UsageError
from desktop.settings.policy import EXPORT
from desktop.terminal import batch_command
from desktop.terminal.answer_lines import AnswerLines, all_passed, show
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import agreed, may_replace, somebody_answers
from desktop.terminal.run_command import carry_out, outlook_of, tell_outlook
from desktop.text.phrases import english

if TYPE_CHECKING:
    from desktop.evals.execution.run_comparison import RunComparison

_MOST_CHANGES = 200
"""Maximum number of case changes printed; `--json` prints all."""


async def report(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Write a run's report. Returns 1 if the user keeps an existing file.

    Raises:
        StoreError: If the run cannot be read.
        TransferError: If the file cannot be written.
        PolicyForbids: If a policy forbids exports.
    """
    from desktop.evals.execution.kept_results import read_results
    from desktop.reports.ranking_html import PageWords
    from desktop.reports.run_report import RunReportFormat, facts_of, report_of, write_report
    from desktop.transfer.export import export_writer

    services.settings.policy.require(EXPORT)
    console, output, store = services.console, arguments.output, await services.store()
    results = await read_results(store, arguments.id, services.catalog)
    facts = facts_of(results, at=now(), version=services.version)
    page = report_of(RunReportFormat(arguments.format), facts, PageWords())
    if output is None:
        await write_report(page, store.suite_runs, console.raw)
        return 0

    def show(done: int, total: int) -> None:
        """Show the number of cases written so far."""
        console.status(f"Wrote {done:,} of {count(total, 'case')}")

    if await asyncio.to_thread(output.exists) and not await may_replace(console, output):
        return 1
    store.safety.require_other(output)
    with export_writer.pieces(output) as add:
        await write_report(page, store.suite_runs, add, show)
    console.note(f"Exported a report of {count(len(results.heads), 'response')} to {output}.")
    return 0


async def compare(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Compare a run with an earlier one. Returns the status of the gate if one is wanted.

    Raises:
        StoreError: If a run cannot be read.
        UsageError: If there is a margin without a gate.
    """
    from desktop.evals.execution.kept_results import read_results
    from desktop.evals.execution.run_comparison import compare as compared
    from desktop.evals.execution.run_gates import comparison_gate

    if arguments.margin is not None and not arguments.fail_if_worse:
        raise UsageError(english("--margin is for --fail-if-worse only."))
    console, store = services.console, await services.store()
    first, second = arguments.ids
    earlier, later = await read_results(store, first), await read_results(store, second)
    comparison = await asyncio.to_thread(compared, earlier, later)
    gate = None
    if arguments.fail_if_worse:
        gate = comparison_gate(comparison, (5.0 if arguments.margin is None else arguments.margin) / 100)
    if arguments.json:
        console.json(comparison)
    else:
        _tell_comparison(console, comparison)
    for sentence in gate.sentences if gate is not None else ():
        console.note(sentence)
    return gate.status if gate is not None else 0


def _tell_comparison(console: Console, comparison: RunComparison) -> None:
    from desktop.reports.run_comparison_text import CHANGE_COLUMNS, case_text, change_cells, comparison_sentences

    if comparison.contenders:
        console.table(CHANGE_COLUMNS, [change_cells(each) for each in comparison.contenders])
        console.line()
    for sentence in (*comparison_sentences(comparison), *comparison.notices):
        console.line(sentence)
    for change in comparison.changes[:_MOST_CHANGES]:
        console.line(case_text(change))
    if (more := len(comparison.changes) - _MOST_CHANGES) > 0:
        console.note(f"{count(more, 'case')} more changed; --json prints all.")


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `runs` action and return the exit status."""
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace], Awaitable[int]]] = {
        "list": _list,
        "show": _show,
        "resume": _resume,
        "retry": _retry,
        "watch": batch_command.watch,
        "cancel": batch_command.cancel,
        "grade": _grade,
        "compare": compare,
        "report": report,
        "delete": _delete,
    }
    return await actions[arguments.action](services, arguments)


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    console, runs = services.console, await (await services.store()).suite_runs.list()
    if arguments.json:
        console.json(
            [{"id": run.id, "name": run.name, "state": run.state.value, "created_at": run.created_at} for run in runs]
        )
    elif runs:
        rows = [
            (
                run.id,
                f"{run.created_at.astimezone():%Y-%m-%d %H:%M}",
                run.name,
                run.state.value,
                f"{run.cases * len(run.contenders) * run.repeats:,}",
                f"${run.spent:.4f}",
            )
            for run in runs
        ]
        console.table(("Id", "When", "Suite", "State", "Responses", "Spent"), rows)
    else:
        console.note("There are no runs yet.")
    return 0


async def _show(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.evals.execution.kept_results import read_results
    from desktop.reports.cell_calls import cells_json
    from desktop.reports.run_json import results_json

    store = await services.store()
    kept = await read_results(store, arguments.id, services.catalog)
    if arguments.json:
        cases = sorted({head.key.case for head in kept.heads if head.tool_calls})
        calls = [each for case in cases for each in cells_json(await store.suite_runs.records(kept.run.id, [case]))]
        services.console.json({**results_json(kept.results), "tool_calls": calls})
    else:
        show(services.console, kept)
    return 0


async def _resume(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    return await carry_out(services, await _allowed(services, arguments), arguments)


async def _retry(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    run_id = await _allowed(services, arguments)
    store = await services.store()
    await store.suite_runs.forget_errors(run_id)
    await store.judge_verdicts.forget_problems(run_id)
    return await carry_out(services, run_id, arguments)


async def _allowed(services: ConsoleServices, arguments: argparse.Namespace) -> str:
    """Return the ID of a run whose parameters may be sent, after storing the requested cap and price permission.

    Raises:
        ParametersUnconfirmed: If parameters must be accepted first.
        PolicyForbids: If a policy does not allow the parameters.
    """
    from desktop.evals.execution.run_callers import require_parameters
    from desktop.evals.execution.run_plan import own_suite

    runs = (await services.store()).suite_runs
    run = await runs.get(arguments.id)
    suite, run_id = await asyncio.to_thread(own_suite, run), run.id
    require_parameters(suite, services.settings.policy, allowed=arguments.allow_parameters)
    tell_outlook(services.console, await outlook_of(services, suite, arguments, is_closed=bool(run.tools_from)))
    if arguments.cap is not None:
        await runs.set_cap(run_id, arguments.cap)
    if arguments.allow_unknown_prices:
        await runs.allow_unknown_prices(run_id)
    return run_id


async def _grade(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.evals.execution.kept_results import read_results
    from desktop.evals.execution.run_regrade import RunRegrade
    from desktop.evals.execution.suite_runner import RunTools
    from desktop.evals.suites.grader_file import read_graders
    from desktop.reports.run_json import results_json

    store, console = await services.store(), services.console
    graders = None
    if arguments.graders is not None:
        graders = await asyncio.to_thread(read_graders, arguments.graders)
    tools = RunTools(store, services.gateway, services.catalog, services.run_limits, toolbox=services.toolbox)
    run = await store.suite_runs.get(arguments.id)
    lines = AnswerLines(console, run, await store.suite_runs.progress(run.id), json=arguments.json)
    regrade = RunRegrade(
        tools,
        lambda done, total: console.status(f"Graded {done:,} of {count(total, 'response')}"),
        lines.tell_why,
        allow_parameters=arguments.allow_parameters,
    )
    end = await regrade.run(run.id, graders)
    results = await read_results(store, arguments.id, services.catalog)
    if arguments.json:
        console.json(results_json(results.results))
    else:
        show(console, results)
    if end.reason:
        console.error(end.reason, end.hint)
        return 1
    return 0 if all_passed(results) else 1


async def _delete(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.store.records.batch_job_rows import BatchStep

    console, runs = services.console, (await services.store()).suite_runs
    run = await runs.summary(arguments.id)
    jobs = await (await services.store()).batch_jobs.list(run.id)
    if any(job.step not in (BatchStep.PLANNED, BatchStep.CLEARED) for job in jobs):
        console.note(f"Files of this run are still at the server. To delete them first: paragone runs cancel {run.id}")
    asks = somebody_answers() and not (arguments.json or arguments.yes)
    if asks and not await agreed(console, f"Delete the run “{run.name}” and its responses permanently?"):
        console.note("Nothing was deleted.")
        return 1
    deleted = await runs.delete(run.id)
    if arguments.json:
        console.json({"id": deleted, "state": "deleted"})
    else:
        console.line(f"Deleted permanently: {deleted}")
        console.note("Daily backups still contain it for up to seven days.")
    return 0
