"""Runs through a Batch API: sends, watches and cancels them, and prints each response once it is stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.domain.suite_cells import RunState
from desktop.terminal.answer_lines import AnswerLines, run_status, tell_end
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt

if TYPE_CHECKING:
    from desktop.domain.suite_cells import RunRecord
    from desktop.evals.batch.batch_source import BatchKind
    from desktop.evals.execution.run_work import Listener, RunEnd
    from desktop.store.records.batch_job_rows import BatchJob


async def watch(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Wait for the requests that were sent. Returns 0 if all responses passed, otherwise 1.

    Raises:
        UsageError: If the run is not a batch.
    """
    run = await (await services.store()).suite_runs.get(arguments.id)
    return await carry_out_batch(services, run, arguments)


async def cancel(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Cancel the requests that were sent. Returns 0 if no job is still open.

    Raises:
        UsageError: If the run is not a batch.
    """
    run = await (await services.store()).suite_runs.get(arguments.id)
    await carry_out_batch(services, run, arguments)
    left = [each for each in await (await services.store()).batch_jobs.list(run.id) if each.is_open]
    if left:
        services.console.note(f"The server was asked to cancel. Check again: paragone runs watch {run.id}")
    return 1 if left else 0


async def carry_out_batch(services: ConsoleServices, run: RunRecord, arguments: argparse.Namespace) -> int:
    """Execute a run as requested, printing responses and results. Returns 0 if all responses passed, otherwise 1."""
    from desktop.evals.batch.suite_batch import SuiteBatches
    from desktop.evals.execution.kept_results import read_results
    from desktop.evals.execution.suite_runner import RunTools

    console, store = services.console, await services.store()
    lines = AnswerLines(console, run, await store.suite_runs.progress(run.id), json=arguments.json)
    tools = RunTools(store, services.gateway, services.catalog, services.run_limits)
    allow_flagged = getattr(arguments, "allow_flagged", False)
    kind = SuiteBatches(tools, allow_flagged=allow_flagged, allow_parameters=arguments.allow_parameters)
    action = getattr(arguments, "action", "")
    end = await work_on_batch(
        services, kind, run.id, arguments, action=action, listener=lines.add, allow_flagged=allow_flagged
    )
    results = await read_results(store, run.id, services.catalog)
    jobs = await store.batch_jobs.list(run.id)
    if arguments.json or end.state is RunState.COMPLETE:
        tell_end(console, results, end, json=arguments.json)
    else:
        tell_left(services, run.id, end, jobs, command="runs")
    return run_status(console, results, end.state, arguments)


async def work_on_batch(
    services: ConsoleServices,
    kind: BatchKind,
    run_id: str,
    arguments: argparse.Namespace,
    *,
    action: str,
    listener: Listener,
    allow_flagged: bool = False,
) -> RunEnd:
    """Watch or cancel a batch, or else send and watch it, with progress on the console, and return how it ended."""
    from desktop.evals.batch.batch_runner import BatchRunner
    from desktop.evals.execution.suite_runner import RunTools

    console = services.console
    runner = BatchRunner(
        RunTools(await services.store(), services.gateway, services.catalog, services.run_limits),
        kind,
        listener=listener,
        watcher=lambda jobs: console.status(_told(jobs)),
        notice=lambda said: console.note(str(said)),
        allow_flagged=allow_flagged,
        poll_s=arguments.every,
    )
    aims = {"watch": runner.watch, "cancel": runner.cancel}
    with on_interrupt(runner.stop):
        return await aims.get(action, runner.run)(run_id, waits=not arguments.no_wait)


def _told(jobs: Sequence[BatchJob]) -> str:
    """Return a description of the progress of a run's jobs on the server."""
    left = [each for each in jobs if each.is_open]
    states = ", ".join(dict.fromkeys(each.status or each.step.value for each in left))
    done = count(sum(each.done for each in jobs), "request")
    return f"{count(len(left), 'file')} at the server ({states}), {done} done"


def tell_left(services: ConsoleServices, run_id: str, end: RunEnd, jobs: Sequence[BatchJob], *, command: str) -> None:
    """Say what is left of a batch, and how `command` (runs or successor) continues it."""
    further = "watch" if command == "runs" else "resume"
    console = services.console
    if left := [each for each in jobs if each.is_open]:
        console.note(str(end.reason))
        if all(each.batch_id for each in left):
            console.note(
                "The batch continues without this program, within a day. "
                f"Wait for it: paragone {command} {further} {run_id}"
            )
        else:
            console.note(f"Not everything has been submitted yet. Continue: paragone {command} {further} {run_id}")
        return
    console.error(end.reason, end.hint)
    console.note(f"Responses so far are saved. Continue: paragone {command} resume {run_id}")
