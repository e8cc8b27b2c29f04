"""`runs`: list, show, resume, try again, grade and delete runs of suites; reports and comparisons beside that."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from desktop.terminal import batch_command, run_report_command
from desktop.terminal.answer_lines import AnswerLines, all_passed, show
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.questions import agreed, somebody_answers
from desktop.terminal.run_command import carry_out


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Carry the action out."""
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace], Awaitable[int]]] = {
        "list": _list,
        "show": _show,
        "resume": _resume,
        "retry": _retry,
        "watch": batch_command.watch,
        "cancel": batch_command.cancel,
        "grade": _grade,
        "compare": run_report_command.compare,
        "report": run_report_command.report,
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
        console.table(("Id", "When", "Suite", "State", "Answers", "Spent"), rows)
    else:
        console.note("There are no runs yet.")
    return 0


async def _show(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.runs.kept_results import read_results
    from desktop.runs.reports.run_json import results_json

    kept = await read_results(await services.store(), arguments.id, services.catalog)
    if arguments.json:
        services.console.json(results_json(kept.results))
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
    """A run's id, once it may spend and send what the words say. Raises ParametersUnconfirmed and PolicyForbids."""
    from desktop.runs.run_callers import demand_parameters
    from desktop.runs.run_plan import own_suite

    runs = (await services.store()).suite_runs
    run = await runs.get(arguments.id)
    suite, run_id = await asyncio.to_thread(own_suite, run), run.id
    demand_parameters(suite, services.settings.policy, allowed=arguments.allow_parameters)
    if arguments.cap is not None:
        await runs.set_cap(run_id, arguments.cap)
    if arguments.allow_unknown_prices:
        await runs.allow_unknown_prices(run_id)
    return run_id


async def _grade(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.runs.grader_file import read_graders
    from desktop.runs.kept_results import read_results
    from desktop.runs.reports.run_json import results_json
    from desktop.runs.run_regrade import RunRegrade
    from desktop.runs.suite_runner import RunTools

    store, console = await services.store(), services.console
    graders = None
    if arguments.graders is not None:
        graders = await asyncio.to_thread(read_graders, arguments.graders)
    tools = RunTools(store, services.gateway, services.catalog, services.run_limits)
    run = await store.suite_runs.get(arguments.id)
    told = AnswerLines(console, run, await store.suite_runs.progress(run.id), json=arguments.json)
    regrade = RunRegrade(
        tools,
        lambda done, total: console.status(f"Graded {done:,} of {count(total, 'response')}"),
        told.tell_why,
        allow_parameters=arguments.allow_parameters,
    )
    end = await regrade.run(run.id, graders)
    kept = await read_results(store, arguments.id, services.catalog)
    if arguments.json:
        console.json(results_json(kept.results))
    else:
        show(console, kept)
    if end.reason:
        console.error(end.reason, end.hint)
        return 1
    return 0 if all_passed(kept) else 1


async def _delete(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.store.batch_job_rows import BatchStep

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
