"""`run`: a suite read, estimated, carried out and told; what it was asked and answered is kept as a run."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from desktop.domain import JsonValue, ModelRef
from desktop.errors import ConnectionUnknown, UsageError
from desktop.phrases import phrase
from desktop.suite_cells import CellRecord, CellStatus, RunState
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt
from desktop.terminal.questions import agreed, somebody_answers

if TYPE_CHECKING:
    from desktop.catalog.catalog_entry import Entry
    from desktop.runs.kept_results import KeptResults
    from desktop.runs.run_estimate import RunEstimate
    from desktop.runs.suite import Suite
    from desktop.runs.suite_runner import RunEnd
    from desktop.suite_cells import RunProgress, RunRecord

MOST_TOLD, LONGEST_REASON = 20, 200
"""Answers of which it is told at once what is wrong with them, and the characters of that."""


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Carry a suite out; 0 where all passed, 1 where not. Raises UsageError for one that cannot be run."""
    from desktop.runs.run_estimate import estimate
    from desktop.runs.run_plan import new_run

    suite = await asyncio.to_thread(_suite, arguments)
    found = await asyncio.to_thread(estimate, suite, _entries(services))
    if arguments.estimate:
        _print_estimate(services.console, found, json=arguments.json)
        return 0
    _demand_connections(services, suite)
    _tell_estimate(services.console, found)
    asks = somebody_answers() and not (arguments.json or arguments.yes)
    if asks and not await agreed(services.console, f"Make {count(found.calls + found.judge_calls, 'call')} now?"):
        services.console.note("Nothing was asked.")
        return 1
    made = new_run(suite, unknown_prices=arguments.allow_unknown_prices)
    await (await services.store()).suite_runs.create(made)
    return await carry_out(services, made.id, arguments)


async def carry_out(services: ConsoleServices, run_id: str, arguments: argparse.Namespace) -> int:
    """Ask what is left of a run, tell each answer and what it comes to; 0 where all passed, 1 where not."""
    from desktop.runs.kept_results import read_results
    from desktop.runs.suite_runner import RunTools, SuiteRunner

    store = await services.store()
    run = await store.suite_runs.get(run_id)
    progress = await store.suite_runs.progress(run.id)
    tools = RunTools(store, services.gateway, services.catalog, services.run_limits)
    told = AnswerLines(services.console, run, progress, json=arguments.json)
    runner = SuiteRunner(tools, listener=told.add, allow_flagged=arguments.allow_flagged)
    told.begin()
    with on_interrupt(runner.stop):
        end = await runner.run(run.id)
    kept = await read_results(store, run.id, services.catalog)
    _tell_end(services.console, kept, end, json=arguments.json)
    return 0 if end.state is RunState.COMPLETE and all_passed(kept) else 1


def _suite(arguments: argparse.Namespace) -> Suite:
    """The suite as it is to be run. Raises UsageError."""
    from desktop.runs.contender_check import told_apart
    from desktop.runs.run_plan import chosen
    from desktop.runs.suite import SuiteContender
    from desktop.runs.suite_file import read_suite

    models = tuple(SuiteContender(model=ModelRef.parse(text)) for text in arguments.model)
    return chosen(
        read_suite(arguments.suite),
        contenders=told_apart(models),
        repeats=arguments.repeats,
        only=arguments.only,
        cap=arguments.cap,
    )


def _entries(services: ConsoleServices) -> Callable[[ModelRef], Entry]:
    """What is known of a model, as its calls will be counted; nobody is asked for it."""
    from desktop.runs.cap_ledger import has_price
    from desktop.runs.run_calls import is_embedded

    def entry_of(model: ModelRef) -> Entry:
        """One that runs on this computer costs nothing."""
        known = services.gateway.known(model)
        entry = services.catalog.entry(known.base, known.name)
        if has_price(entry) or not is_embedded(services.gateway, model):
            return entry
        return msgspec.structs.replace(entry, price_in=0.0, price_out=0.0)

    return entry_of


def _demand_connections(services: ConsoleServices, suite: Suite) -> None:
    """Go on where each contender's connection is there. Raises UsageError: nothing was asked."""
    for contender in suite.contenders:
        try:
            services.settings.connection(contender.model.connection)
        except ConnectionUnknown as error:
            raise UsageError(
                error.message, hint=phrase("Add it, or name other models with --model connection/model.")
            ) from error


def _print_estimate(console: Console, found: RunEstimate, *, json: bool) -> None:
    if json:
        console.json(
            {
                "calls": found.calls,
                "judge_calls": found.judge_calls,
                "contenders": [
                    {
                        "model": each.model,
                        "name": each.name,
                        "calls": each.calls,
                        "input_tokens": each.input_tokens,
                        "output_tokens_low": each.output_low,
                        "output_tokens_high": each.output_high,
                        "cost_low": each.cost_low,
                        "cost_high": each.cost_high,
                    }
                    for each in found.contenders
                ],
                "cost_low": found.cost_low,
                "cost_high": found.cost_high,
                "judge_cost_low": found.judge_cost_low,
                "judge_cost_high": found.judge_cost_high,
                "smallest_difference": found.smallest_difference,
            }
        )
        return
    rows = [
        (
            each.name,
            f"{each.calls:,}",
            f"{each.input_tokens:,}",
            f"{each.output_low:,} to {each.output_high:,}",
            _range(each.cost_low, each.cost_high),
        )
        for each in found.contenders
    ]
    console.table(("Contender", "Calls", "Tokens sent", "Tokens answered", "Cost"), rows)
    _tell_estimate(console, found)


def _tell_estimate(console: Console, found: RunEstimate) -> None:
    """What it would take and could show, on standard error."""
    from desktop.runs.run_estimate import power_sentences

    judges = f", {found.judge_calls:,} of judges" if found.judge_calls else ""
    cost = _range(found.cost_low, found.cost_high)
    console.note(f"{count(found.calls + found.judge_calls, 'call')}{judges}; cost: {cost}.")
    if found.unknown:
        console.note(f"No price is known for {', '.join(found.unknown)}.")
    for sentence in power_sentences(found):
        console.note(sentence)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "unknown"
    return f"${low:.4f} to ${high:.4f}" if high else "nothing"


def _models(suite: dict[str, JsonValue]) -> list[str]:
    """The models of a kept suite, as connection/name."""
    from desktop.runs.suite_file import suite_from_json

    return [str(each.model) for each in suite_from_json(suite).contenders]


class AnswerLines:
    """Tells each answer once it is kept: as a line of JSON, or by how far the run is."""

    def __init__(self, console: Console, run: RunRecord, progress: RunProgress, *, json: bool) -> None:
        self._console = console
        self._models = [ModelRef.parse(each) for each in _models(run.suite)]
        self._names = run.contenders
        self._repeats = run.repeats
        self._json = json
        self._cells = progress.cells
        self._asked = progress.asked
        self._wrong = 0
        self._counts = {
            CellStatus.FAILED: progress.failed,
            CellStatus.ERROR: progress.errors,
        }

    def begin(self) -> None:
        """How far it is before anything comes."""
        if not self._json:
            self._tell()

    def add(self, record: CellRecord) -> None:
        """One more."""
        from desktop.runs.reports.run_json import answer_json

        if self._json:
            self._console.json(answer_json(record, self._models[record.key.contender].connection))
            return
        self._asked += 1
        self._counts[record.status] = self._counts.get(record.status, 0) + 1
        if record.status in (CellStatus.FAILED, CellStatus.ERROR):
            self._tell_why(record)
        self._tell()

    def _tell_why(self, record: CellRecord) -> None:
        """What went wrong, of the first ones: a report has them all."""
        from desktop.runs.reports.run_json import reasons_of

        self._wrong += 1
        if self._wrong > MOST_TOLD + 1:
            return
        key, model = record.key, self._models[record.key.contender]
        if self._wrong > MOST_TOLD:
            self._console.line("More of them are in `runs report`.")
            return
        why = " ".join(" ".join(reasons_of(record, model.connection)).split())[:LONGEST_REASON]
        again = f", repeat {key.repeat + 1}" if self._repeats > 1 else ""
        self._console.line(f"{record.status}: case {key.case + 1}, {self._names[key.contender]}{again}: {why}")

    def _tell(self) -> None:
        failed, errors = self._counts[CellStatus.FAILED], self._counts[CellStatus.ERROR]
        self._console.status(
            f"{self._asked:,} of {count(self._cells, 'answer')}, {failed:,} failed, {count(errors, 'error')}"
        )


def all_passed(kept: KeptResults) -> bool:
    """Whether every answer passed; one of a case without graders that count has nothing to pass."""
    from desktop.runs.judges.judge_run import PAIR_TYPE

    if len(kept.heads) < kept.run.cases * len(kept.run.contenders) * kept.run.repeats:
        return False
    counts = [any(spec.weight > 0 and spec.type != PAIR_TYPE for spec in case.graders) for case in kept.suite.cases]
    return all(
        head.status is CellStatus.PASSED or (head.status is CellStatus.UNGRADED and not counts[head.key.case])
        for head in kept.heads
    )


def _tell_end(console: Console, kept: KeptResults, end: RunEnd, *, json: bool) -> None:
    from desktop.runs.reports.run_json import end_json

    if json:
        reason: dict[str, JsonValue] = {"reason": str(end.reason)} if end.reason else {}
        console.json({**end_json(kept.results), **reason})
    else:
        show(console, kept)
    if end.state is RunState.COMPLETE:
        if any(head.status is CellStatus.ERROR for head in kept.heads):
            console.note(f"Ask again what came to nothing: paragone runs retry {kept.run.id}")
        return
    if end.reason:
        console.error(end.reason, end.hint)
    console.note(f"What was answered is kept. Go on: paragone runs resume {kept.run.id}")


def show(console: Console, kept: KeptResults) -> None:
    """What a run comes to, for people."""
    from desktop.runs.run_text import CONTENDER_COLUMNS, STATES, contender_cells, sentences

    run = kept.run
    cells = run.cases * len(run.contenders) * run.repeats
    console.line(f"{run.name}: {STATES[run.state]}, {len(kept.heads):,} of {count(cells, 'answer')}, ${run.spent:.4f}")
    rows = [contender_cells(each) for each in kept.results.contenders]
    # On a terminal eleven columns leave no room for their words: those that say nothing are left out
    told = [any(row[place] not in ("", "0") for row in rows) for place in range(len(CONTENDER_COLUMNS))]
    shown = [place for place, says in enumerate(told) if says or not console.is_terminal]
    console.table(
        [str(CONTENDER_COLUMNS[place]) for place in shown], [[str(row[place]) for place in shown] for row in rows]
    )
    for sentence in sentences(kept.results):
        console.line(str(sentence))
    for notice in kept.results.notices:
        console.note(str(notice))
