"""`successor`: replays own conversations with other models, and lists, reviews, reports and deletes replays."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import CellRecord, CellStatus, PairChoice, RunState
from desktop.errors import ConnectionUnknown, UsageError
from desktop.settings.policy import EXPORT
from desktop.terminal.batch_command import tell_left, work_on_batch
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt
from desktop.terminal.prompt_lines import PipedPrompts
from desktop.terminal.questions import agreed, may_replace, somebody_answers
from desktop.terminal.successor_arguments import ACTIONS
from desktop.text.phrases import english

if TYPE_CHECKING:
    from desktop.evals.execution.run_work import RunEnd
    from desktop.replay.replay_estimate import ReplayEstimate
    from desktop.replay.replay_plan import ReplayPlan
    from desktop.replay.replay_results import ReplayResults
    from desktop.replay.review_desk import ReviewPair
    from desktop.replay.turn_selection import ReplayTools

WORSE, UNDECIDED = 1, 3
"""Exit statuses; 0 is better or not worse."""

_CHOICES = {
    "1": PairChoice.FIRST,
    "a": PairChoice.FIRST,
    "2": PairChoice.SECOND,
    "b": PairChoice.SECOND,
    "3": PairChoice.TIE,
    "4": PairChoice.BOTH_BAD,
    "5": PairChoice.SKIPPED,
}

_KEYS = "1 A is better, 2 B is better, 3 tie, 4 both bad, 5 skip, u undo, q stop"


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Start a replay, or execute an action on one, and return the exit status.

    Raises:
        UsageError: For wrong use, or if there is nothing to replay.
    """
    first, *others = arguments.words
    if first not in ACTIONS:
        return await _replay(services, arguments)
    if first in ("list", "proven"):
        return await (_list if first == "list" else _proven)(services, arguments)
    if len(others) != 1:
        raise UsageError(
            english(f"`paragone successor {first}` needs the ID of one replay."),
            hint=english("`paragone successor list` shows the IDs."),
        )
    actions: dict[str, Callable[[ConsoleServices, argparse.Namespace, str], Awaitable[int]]] = {
        "show": _show,
        "resume": _resume,
        "cancel": _cancel,
        "review": _review,
        "report": _report,
        "delete": _delete,
    }
    return await actions[first](services, arguments, others[0])


async def _tools(services: ConsoleServices) -> ReplayTools:
    from desktop.evals.execution.run_entries import entries
    from desktop.replay.turn_selection import ReplayTools

    return ReplayTools(
        await services.store(),
        services.gateway,
        services.catalog,
        services.prompt_files(),
        entries(services.gateway, services.catalog),
        services.presets.title_of,
        services.toolbox,
    )


async def _replay(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Select, estimate, confirm and execute a new replay."""
    from desktop.evals.batch.batch_costs import SHARE
    from desktop.evals.batch.batch_plan import require_batch_models
    from desktop.replay.replay_estimate import estimate
    from desktop.replay.replay_plan import new_replay
    from desktop.replay.turn_selection import ReplayChoice, select
    from desktop.reports.replay_json import estimate_json

    console = services.console
    choice = ReplayChoice(
        of=(_old(arguments.of),),
        models=_successors(services, arguments),
        last=arguments.last,
        since=arguments.since,
        title=arguments.title,
        tags=tuple(arguments.tag),
        margin=arguments.margin,
        judge=arguments.judge,
        repeats=arguments.repeats,
        control=arguments.control,
        review=arguments.review,
    )
    tools = await _tools(services)
    plan, tokens = await select(
        tools, choice, lambda done, wanted: console.status(f"Selected {done:,} of {count(wanted, 'turn')}")
    )
    found = estimate(plan, tokens, tools.entry_of, share=SHARE if arguments.batch else 1.0)
    if arguments.estimate and arguments.json:
        console.json(estimate_json(plan, found))
    elif not arguments.json:
        _tell_plan(console, plan, found, batch=arguments.batch)
    if not plan.items:
        raise UsageError(
            english(f"There is no turn of {arguments.of} that can be replayed."),
            hint=english("`paragone models` lists models; imported ones are named imported-PROGRAM/MODEL."),
        )
    if arguments.batch:
        require_batch_models(plan.contenders, services.gateway, services.catalog)
    if arguments.estimate:
        return 0
    if (
        somebody_answers()
        and not (arguments.json or arguments.yes)
        and not await agreed(console, f"Make {count(found.calls + found.judge_calls, 'call')} now?")
    ):
        console.note("Nothing was sent.")
        return UNDECIDED
    unknown_prices = arguments.allow_unknown_prices
    new = new_replay(plan, cap=arguments.cap, unknown_prices=unknown_prices, is_batch=arguments.batch)
    await tools.store.replays.create(new)
    return await _carry_out(services, tools, new.id, arguments)


def _old(text: str | None) -> ModelRef:
    """Return the incumbent; a name without connection stands for all connections."""
    if not text or not text.strip():
        raise UsageError(english("Name the old model with --of."))
    return ModelRef.parse(text) if "/" in text else ModelRef(connection="", name=text.strip())


def _successors(services: ConsoleServices, arguments: argparse.Namespace) -> tuple[ModelRef, ...]:
    """Return the successors, after checking that their connections, and the judge's, exist and are allowed.

    Raises:
        UsageError: If one does not exist; also PolicyForbids.
    """
    from desktop.evals.execution.run_callers import forbidden
    from desktop.replay.replay_limits import MOST_SUCCESSORS

    models = tuple(dict.fromkeys(ModelRef.parse(word) for word in arguments.words))
    if len(models) > MOST_SUCCESSORS:
        raise UsageError(english(f"A replay has one to {MOST_SUCCESSORS} successors."))
    judges = (ModelRef.parse(arguments.judge),) if arguments.judge else ()
    for model in (*models, *judges):
        try:
            services.settings.connection(model.connection)
        except ConnectionUnknown as error:
            raise UsageError(error.message, hint=error.hint) from error
    for problem in forbidden(services.settings, models, judges, is_batch=arguments.batch):
        raise problem
    return models


def _tell_plan(console: Console, plan: ReplayPlan, found: ReplayEstimate, *, batch: bool) -> None:
    """Print what a replay will do on standard error."""
    from desktop.replay.replay_estimate import power_sentence
    from desktop.reports.replay_text import excluded_texts, sample_text

    console.note(str(sample_text(plan)))
    for reason in excluded_texts(plan):
        console.note(f"Left out: {reason}")
    if plan.dropped:
        console.note(f"Not sent, because a successor does not accept them: {', '.join(plan.dropped)}")
    for each in found.models:
        console.note(f"{each.model}: {count(each.calls, 'call')}, cost: {_range(each.cost_low, each.cost_high)}")
    if found.judge_calls:
        cost = _range(found.judge_low, found.judge_high)
        console.note(f"Judge {plan.judge}: {count(found.judge_calls, 'call')}, cost: {cost}")
    if batch:
        console.note("Responses cost half of the usual price, through the Batch API, and arrive within a day.")
    console.note(str(power_sentence(found.reviews, found.equal_shown)))


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "unknown"
    return f"${low:.4f} to ${high:.4f}" if high else "nothing"


async def _carry_out(
    services: ConsoleServices, tools: ReplayTools, run_id: str, arguments: argparse.Namespace, action: str = ""
) -> int:
    """Ask what is not answered yet, then print the verdict and return the exit status."""
    from desktop.replay.replay_batch import ReplayBatches
    from desktop.replay.replay_plan import plan_of
    from desktop.replay.replay_results import read_results
    from desktop.replay.replay_runner import ReplayRunner
    from desktop.reports.replay_json import answer_json

    console, json = services.console, bool(arguments.json)
    run = await tools.store.replays.get(run_id)
    plan = plan_of(run)
    asked_before = await tools.store.replays.asked(run.id)
    state = {"done": len(asked_before.answered) + len(asked_before.errors), "judged": 0}

    def tell(record: CellRecord) -> None:
        """Print an answer as an event, or the progress."""
        state["done"] += 1
        if json:
            console.json(answer_json(run.id, plan, record))
            return
        if record.status is CellStatus.ERROR and record.problem is not None:
            model = plan.contenders[record.key.contender]
            console.note(f"Turn {record.key.case + 1}, {model}: {record.problem.message}")
        console.status(f"{state['done']:,} of {count(plan.calls, 'response')}")

    def tell_verdict(_verdict: object) -> None:
        """Show the judge's progress."""
        state["judged"] += 1
        console.status(f"The judge compared {count(state['judged'], 'pair')}")

    if run.is_batch:
        kind = ReplayBatches(tools, services.run_limits)
        end = await work_on_batch(services, kind, run.id, arguments, action=action, listener=tell)
    else:
        runner = ReplayRunner(tools, services.run_limits, listener=tell, verdict_listener=tell_verdict)
        with on_interrupt(runner.stop):
            end = await runner.run(run.id)
    if run.is_batch and end.state is not RunState.COMPLETE and not json:
        tell_left(services, run.id, end, await tools.store.batch_jobs.list(run.id), command="successor")
        return UNDECIDED
    results = await read_results(tools.store, run.id)
    _tell_end(console, results, end, json=json)
    return _status(results)


def _tell_end(console: Console, results: ReplayResults, end: RunEnd, *, json: bool) -> None:
    from desktop.reports.replay_json import verdict_json

    if json:
        for result in results.successors:
            console.json(verdict_json(results, result))
    else:
        _show_results(console, results)
    if end.reason:
        console.error(end.reason, end.hint)
    if end.state is not RunState.COMPLETE:
        console.note(f"Responses so far are saved. Continue: paragone successor resume {results.id}")
    elif results.to_review:
        console.note(f"{count(results.to_review, 'pair')} to review: paragone successor review {results.id}")


def _show_results(console: Console, results: ReplayResults) -> None:
    """Print the results for people."""
    from desktop.reports.replay_text import (
        control_texts,
        cost_and_speed,
        headline,
        interval_text,
        kind_sentence,
        method_text,
        qualification,
        sample_text,
    )

    console.line(str(sample_text(results.plan)))
    for result in results.successors:
        console.line()
        console.line(" ".join(filter(None, (headline(results, result), qualification(result)))))
        if result.theta is not None and result.low is not None and result.high is not None:
            said = interval_text(result.theta, result.low, result.high)
            console.line(f"Net preference: {said}; margin {results.plan.margin:g} points")
        console.line(str(method_text(results, result)))
        if clauses := cost_and_speed(result):
            console.line(f"{result.model}: {', '.join(clauses)}")
        for kind in result.by_kind:
            console.line(f"- {kind_sentence(kind)}")
        for sentence in control_texts(results, result):
            console.line(str(sentence))


def _status(results: ReplayResults) -> int:
    """Return the exit status: 0 if any successor is better or not worse, 3 if any is undecided, else 1."""
    if results.state is not RunState.COMPLETE:
        return UNDECIDED
    codes = {each.code for each in results.successors}
    if codes & {"better", "not_worse"}:
        return 0
    return WORSE if codes == {"worse"} else UNDECIDED


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    from desktop.reports.replay_json import listed_json

    console, replays = services.console, (await services.store()).replays
    runs = await replays.list()
    if arguments.json:
        console.json([listed_json(await replays.get(run.id)) for run in runs])
    elif runs:
        rows = [
            (run.id, f"{run.created_at.astimezone():%Y-%m-%d %H:%M}", run.name, run.state.value, f"${run.spent:.4f}")
            for run in runs
        ]
        console.table(("Id", "When", "Replay", "State", "Spent"), rows)
    else:
        console.note("There are no replays yet.")
    return 0


async def _show(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    results = await _results(services, run_id)
    if arguments.json:
        from desktop.reports.replay_json import results_json

        services.console.json(results_json(results))
    else:
        _show_results(services.console, results)
    return _status(results)


async def _results(services: ConsoleServices, run_id: str) -> ReplayResults:
    """Return the results, and remember if they were seen before the review was complete."""
    from desktop.replay.replay_results import read_seen_results

    return await read_seen_results(await services.store(), run_id)


async def _resume(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    tools = await _tools(services)
    run = await tools.store.replays.summary(run_id)
    if arguments.cap is not None:
        await tools.store.replays.set_cap(run.id, arguments.cap)
    if arguments.allow_unknown_prices:
        await tools.store.replays.allow_unknown_prices(run.id)
    await tools.store.replays.forget_errors(run.id)
    await tools.store.judge_verdicts.forget_problems(run.id)
    return await _carry_out(services, tools, run.id, arguments)


async def _cancel(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    """Cancel a replay's batches; responses that exist are collected.

    Raises:
        UsageError: If the replay is not a batch.
    """
    tools = await _tools(services)
    run = await tools.store.replays.summary(run_id)
    if not run.is_batch:
        raise UsageError(english("This replay is not a batch: its prompts are sent one by one."))
    return await _carry_out(services, tools, run.id, arguments, action="cancel")


async def _review(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    """Ask for verdicts on pairs, blind, until all are reviewed or the user stops."""
    from desktop.replay.review_desk import ReviewDesk

    console, store = services.console, await services.store()
    run = await store.replays.summary(run_id)
    desk = await ReviewDesk.open(store, run.id)
    keys = None if sys.stdin is None else PipedPrompts(sys.stdin)
    say = console.note if arguments.json else console.line
    while keys is not None and (pair := await desk.next()) is not None:
        _show_pair(say, pair, desk.done, desk.left)
        console.note(_KEYS)
        key = await keys.next()
        if key is None or (key := key.strip().casefold()) == "q":
            break
        if key == "u":
            if not await desk.undo():
                console.note("There is no verdict to undo.")
        elif key in _CHOICES:
            await desk.give(pair, _CHOICES[key])
    if desk.left:
        console.note(f"{count(desk.left, 'pair')} left. Continue: paragone successor review {run.id}")
        return UNDECIDED
    return await _show(services, arguments, run.id)


def _show_pair(say: Callable[[str], None], pair: ReviewPair, done: int, left: int) -> None:
    say("")
    say(f"Pair {done + 1:,} of {done + left:,}")
    if pair.history:
        say(f"({count(len(pair.history), 'earlier message')})")
    say(f"Prompt:\n{pair.prompt.text}\n")
    say(f"A:\n{pair.left}\n")
    say(f"B:\n{pair.right}\n")


async def _report(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    """Write the report to a file or standard output."""
    from desktop.reports.replay_report import ReplayReportFormat, read_report
    from desktop.terminal.conversations_command import is_letter
    from desktop.transfer.export.replay_export import write_report

    services.settings.policy.require(EXPORT)
    console, output, store = services.console, arguments.output, await services.store()
    try:
        kind = ReplayReportFormat(arguments.format or "html")
    except ValueError:
        raise UsageError(english("A report has the format html, pdf, md or json.")) from None
    if output is None and kind is ReplayReportFormat.PDF:
        raise UsageError(english("A PDF needs a file: add --output FILE."))
    results = await _results(services, run_id)
    report = await read_report(store, results, version=services.version)
    if output is None:
        console.raw(await asyncio.to_thread(report.text, kind))
        return 0
    if await asyncio.to_thread(output.exists) and not await may_replace(console, output):
        return 1
    store.safety.require_other(output)
    letter = is_letter(services.environ)
    await write_report(report, kind, output, paper_command=services.paper_command, letter=letter)
    console.note(f"Exported the report to {output}.")
    return 0


async def _proven(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print or write the cheapest models that replays and votes found not to be worse."""
    from desktop.replay.proven import as_csv, as_json, as_litellm, read_proven
    from desktop.reports.replay_text import proven_cells, proven_columns

    tools, console = await _tools(services), services.console
    rows = await read_proven(tools.store, tools.entry_of)
    if arguments.format is None and arguments.output is None:
        if arguments.json:
            console.json(as_json(rows))
        elif rows:
            console.table(list(map(str, proven_columns())), [list(map(str, proven_cells(row))) for row in rows])
        else:
            console.note("No model has been found not to be worse yet: replay conversations, or vote.")
        return 0
    if arguments.format not in (None, "csv", "litellm"):
        raise UsageError(english("The table of proven models has the format csv or litellm."))
    services.settings.policy.require(EXPORT)
    text = as_litellm(rows, services.settings.connection) if arguments.format == "litellm" else as_csv(rows)
    return await _written(services, text, arguments.output)


async def _written(services: ConsoleServices, text: str, output: Path | None) -> int:
    """Write a text to a file or standard output. Returns 1 if the user keeps an existing file."""
    from desktop.transfer.export import export_writer

    console = services.console
    if output is None:
        console.raw(text)
        return 0
    if await asyncio.to_thread(output.exists) and not await may_replace(console, output):
        return 1
    (await services.store()).safety.require_other(output)
    with export_writer.pieces(output) as add:
        add(text)
    console.note(f"Exported {output}.")
    return 0


async def _delete(services: ConsoleServices, arguments: argparse.Namespace, run_id: str) -> int:
    console, replays = services.console, (await services.store()).replays
    run = await replays.summary(run_id)
    asks = somebody_answers() and not (arguments.yes or arguments.json)
    if asks and not await agreed(console, f"Delete the replay {run.name} with its responses and reviews?"):
        return 1
    deleted = await replays.delete(run.id)
    if arguments.json:
        console.json({"deleted": deleted})
    else:
        console.note(f"Deleted {run.name}.")
    return 0
