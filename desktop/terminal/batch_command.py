"""Runs through a Batch API: sends, watches and cancels them, and prints each response once it is stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.domain.suite_cells import RunState
from desktop.terminal.answer_lines import AnswerLines, all_passed, tell_end
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt

if TYPE_CHECKING:
    from desktop.domain.suite_cells import RunRecord
    from desktop.evals.execution.run_work import RunEnd
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
    from desktop.evals.batch.batch_runner import BatchRunner
    from desktop.evals.execution.kept_results import read_results
    from desktop.evals.execution.suite_runner import RunTools

    console, store = services.console, await services.store()
    lines = AnswerLines(console, run, await store.suite_runs.progress(run.id), json=arguments.json)
    runner = BatchRunner(
        RunTools(store, services.gateway, services.catalog, services.run_limits),
        listener=lines.add,
        watcher=lambda jobs: console.status(_told(jobs)),
        notice=lambda said: console.note(str(said)),
        allow_flagged=getattr(arguments, "allow_flagged", False),
        allow_parameters=arguments.allow_parameters,
        poll_s=arguments.every,
    )
    aims = {"watch": runner.watch, "cancel": runner.cancel}
    with on_interrupt(runner.stop):
        end = await aims.get(getattr(arguments, "action", ""), runner.run)(run.id, waits=not arguments.no_wait)
    results = await read_results(store, run.id, services.catalog)
    jobs = await store.batch_jobs.list(run.id)
    if arguments.json or end.state is RunState.COMPLETE:
        tell_end(console, results, end, json=arguments.json)
    else:
        _tell_left(services, run.id, end, jobs)
    return 0 if end.state is RunState.COMPLETE and all_passed(results) else 1


def _told(jobs: Sequence[BatchJob]) -> str:
    """Return a description of the progress of a run's jobs on the server."""
    left = [each for each in jobs if each.is_open]
    states = ", ".join(dict.fromkeys(each.status or each.step.value for each in left))
    done = count(sum(each.done for each in jobs), "request")
    return f"{count(len(left), 'file')} at the server ({states}), {done} done"


def _tell_left(services: ConsoleServices, run_id: str, end: RunEnd, jobs: Sequence[BatchJob]) -> None:
    console = services.console
    if left := [each for each in jobs if each.is_open]:
        console.note(str(end.reason))
        if all(each.batch_id for each in left):
            console.note(
                f"The batch continues without this program, within a day. Wait for it: paragone runs watch {run_id}"
            )
        else:
            console.note(f"Not everything has been submitted yet. Continue: paragone runs watch {run_id}")
        return
    console.error(end.reason, end.hint)
    console.note(f"Responses so far are saved. Continue: paragone runs resume {run_id}")
