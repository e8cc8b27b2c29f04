"""`run`: reads, estimates and executes a suite. Requests and responses are stored as a run."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, NamedTuple

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import ConnectionUnknown, PolicyForbids, UsageError
from desktop.terminal.answer_lines import AnswerLines, run_status, tell_end
from desktop.terminal.batch_command import carry_out_batch
from desktop.terminal.console import Console, count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.interrupt import on_interrupt
from desktop.terminal.questions import agreed, somebody_answers
from desktop.terminal.tool_lines import visible
from desktop.text.phrases import english, phrase

if TYPE_CHECKING:
    from desktop.evals.execution.run_estimate import RunEstimate
    from desktop.evals.execution.tool_outlook import ToolOutlook
    from desktop.evals.suites.suite import Suite


class RunPreview(NamedTuple):
    """What is known about a run before anything is sent; `forbidden` is what policy does not allow in it."""

    estimate: RunEstimate
    suite: Suite
    tools: ToolOutlook | None
    forbidden: tuple[PolicyForbids, ...]
    is_batch: bool


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a suite. Returns 0 if all responses passed, otherwise 1.

    Raises:
        UsageError: If the suite cannot be run.
    """
    from desktop.evals.batch.batch_costs import in_batches
    from desktop.evals.batch.batch_plan import require_batch_models, require_single_turns
    from desktop.evals.execution.run_callers import forbidden_in, require_parameters
    from desktop.evals.execution.run_entries import entries
    from desktop.evals.execution.run_estimate import estimate
    from desktop.evals.execution.run_plan import new_run
    from desktop.evals.execution.tool_recordings import source_run

    suite = await asyncio.to_thread(_suite, arguments)
    outlook = await outlook_of(services, suite, arguments, is_closed=bool(arguments.tools_from))
    run_estimate = await asyncio.to_thread(estimate, suite, entries(services.gateway, services.catalog))
    if arguments.batch:
        run_estimate = in_batches(run_estimate)
    problems = forbidden_in(suite, services.settings, is_batch=arguments.batch)
    preview = RunPreview(run_estimate, suite, outlook, problems, is_batch=arguments.batch)
    if arguments.estimate:
        _print_estimate(services.console, preview, json=arguments.json)
        return 0
    _require_connections(services, suite)
    if problems:
        raise problems[0]
    if outlook is not None:
        from desktop.evals.execution.tool_outlook import require_servers

        require_servers(outlook)
    require_parameters(suite, services.settings.policy, allowed=arguments.allow_parameters)
    if arguments.batch:
        require_single_turns(suite)
        if suite.tools.servers:
            raise UsageError(phrase("Batches cannot call tools."), hint=english("Run this suite without --batch."))
        require_batch_models([each.model for each in suite.contenders], services.gateway, services.catalog)
    tools_from = ""
    if arguments.tools_from:
        tools_from = await source_run((await services.store()).suite_runs, arguments.tools_from, suite)
    _tell_estimate(services.console, preview)
    asks = somebody_answers() and not (arguments.json or arguments.yes)
    if asks and not await agreed(
        services.console, f"Make {count(run_estimate.calls + run_estimate.judge_calls, 'call')} now?"
    ):
        services.console.note("Nothing was sent.")
        return 1
    new = new_run(
        suite,
        unknown_prices=arguments.allow_unknown_prices,
        is_batch=arguments.batch,
        tools_from=tools_from,
    )
    await (await services.store()).suite_runs.create(new)
    return await carry_out(services, new.id, arguments)


async def carry_out(services: ConsoleServices, run_id: str, arguments: argparse.Namespace) -> int:
    """Execute the remaining cells of a run, printing responses and results.

    Returns 0 if all responses passed, otherwise 1.
    """
    from desktop.evals.execution.kept_results import read_results
    from desktop.evals.execution.suite_runner import RunTools, SuiteRunner

    store = await services.store()
    run = await store.suite_runs.get(run_id)
    if run.is_batch:
        return await carry_out_batch(services, run, arguments)
    progress = await store.suite_runs.progress(run.id)
    tools = RunTools(store, services.gateway, services.catalog, services.run_limits, toolbox=services.toolbox)
    lines = AnswerLines(services.console, run, progress, json=arguments.json)
    runner = SuiteRunner(
        tools,
        listener=lines.add,
        allow_flagged=arguments.allow_flagged,
        allow_parameters=arguments.allow_parameters,
        allowed_tools=frozenset(arguments.allow),
    )
    lines.begin()
    with on_interrupt(runner.stop):
        end = await runner.run(run.id)
    results = await read_results(store, run.id, services.catalog)
    tell_end(services.console, results, end, json=arguments.json)
    return run_status(services.console, results, end.state, arguments)


async def outlook_of(
    services: ConsoleServices, suite: Suite, arguments: argparse.Namespace, *, is_closed: bool
) -> ToolOutlook | None:
    """Return what is known about the tools of a suite; None if it has none.

    Raises:
        UsageError: If `--allow` names a server that the suite does not use.
        SettingsError: If the file of servers cannot be read.
    """
    from desktop.tools.tool_desk import EVERYTHING

    for name in arguments.allow:
        if not suite.tools.servers or name.partition("/")[0] not in (EVERYTHING, *suite.tools.servers):
            raise UsageError(
                english(f"--allow {name} allows nothing, because the suite does not use its server."),
                hint=english("Tool servers are listed under `tools` in the suite."),
            )
    if not suite.tools.servers:
        return None
    from desktop.evals.execution.tool_outlook import tool_outlook

    return await tool_outlook(services.tools, suite, allowed=frozenset(arguments.allow), is_closed=is_closed)


def _suite(arguments: argparse.Namespace) -> Suite:
    """Return the suite with the changes requested on the command line.

    Raises:
        UsageError: If the suite or a change is invalid.
    """
    from desktop.evals.execution.run_plan import chosen
    from desktop.evals.suites.contender_check import told_apart
    from desktop.evals.suites.suite import SuiteContender
    from desktop.evals.suites.suite_file import read_suite

    models = tuple(SuiteContender(model=ModelRef.parse(text)) for text in arguments.model)
    return chosen(
        read_suite(arguments.suite),
        contenders=told_apart(models),
        repeats=arguments.repeats,
        only=arguments.only,
        cap=arguments.cap,
    )


def _require_connections(services: ConsoleServices, suite: Suite) -> None:
    """Check that the connections of all contenders and judges exist before anything is sent.

    Raises:
        UsageError: If a connection does not exist.
    """
    from desktop.evals.execution.run_plan import models_of

    for model in models_of(suite):
        try:
            services.settings.connection(model.connection)
        except ConnectionUnknown as error:
            raise UsageError(
                error.message, hint=phrase("Add the connection, or choose other models with --model connection/model.")
            ) from error


def _print_estimate(console: Console, preview: RunPreview, *, json: bool) -> None:
    from desktop.evals.execution.run_callers import parameters_json

    found, suite, batch = preview.estimate, preview.suite, preview.is_batch
    if json:
        console.json(
            {
                "calls": found.calls,
                "judge_calls": found.judge_calls,
                "batch": batch,
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
                "parameters": parameters_json(suite),
                "one_at_a_time": [] if batch else found.one_at_a_time(suite.limits.cost_usd),
                "tools": _tools_json(preview.tools),
                "forbidden": [str(each.message) for each in preview.forbidden],
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
    console.table(("Contender", "Calls", "Input tokens", "Output tokens", "Cost"), rows)
    _tell_estimate(console, preview)


def _tools_json(outlook: ToolOutlook | None) -> JsonValue:
    if outlook is None:
        return None
    from desktop.evals.execution.tool_outlook import outlook_json

    return outlook_json(outlook)


def tell_outlook(console: Console, outlook: ToolOutlook | None) -> None:
    """Print what is known about the tools of a run, and how to allow those that will be denied."""
    if outlook is None:
        return
    from desktop.evals.execution.tool_outlook import outlook_sentences

    for sentence in outlook_sentences(outlook):
        console.note(visible(str(sentence)))
    if (name := next(iter((*outlook.denied, *outlook.unseen)), "")) and not outlook.is_closed:
        console.note(f"To allow calls, add for example: --allow {visible(name)}")


def _tell_estimate(console: Console, preview: RunPreview) -> None:
    """Print the cost, the detectable difference and what policy forbids to standard error."""
    from desktop.evals.execution.run_callers import unlisted_sentences
    from desktop.evals.execution.run_estimate import cap_sentence, power_sentences

    found, suite = preview.estimate, preview.suite
    judges = f", {found.judge_calls:,} of judges" if found.judge_calls else ""
    cost = _range(found.cost_low, found.cost_high)
    console.note(f"{count(found.calls + found.judge_calls, 'call')}{judges}; cost: {cost}.")
    if preview.is_batch:
        console.note(
            "That is half of the usual price, through the Batch API. Judges are asked immediately, at "
            "their usual price."
        )
    elif sentence := cap_sentence(found, suite.limits.cost_usd):
        console.note(sentence)
    if found.unknown:
        console.note(f"The price of {', '.join(found.unknown)} is unknown.")
    for sentence in (*power_sentences(found), *unlisted_sentences(suite)):
        console.note(sentence)
    tell_outlook(console, preview.tools)
    for problem in preview.forbidden:
        console.note(f"{problem.message} {problem.hint}")


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "unknown"
    return f"${low:.4f} to ${high:.4f}" if high else "nothing"
