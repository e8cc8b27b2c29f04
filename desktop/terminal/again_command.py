"""`conversations again`: repeats the request for a response, and prints how the new response differs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from desktop.domain.conversation_types import JsonValue, Status
from desktop.errors import ParagoneError
from desktop.metrics.drift import Drift, DriftFigure, drift
from desktop.metrics.drift_text import FIGURE_NAMES, sentences
from desktop.session.rerun import KeptRequest, Rerun, kept_request
from desktop.terminal.ask_command import tell
from desktop.terminal.console import builtins
from desktop.terminal.console_services import ConsoleServices

_MOST_PLACES = 20
_LONGEST_PLACE = 200
"""Maximum number of characters of a difference printed on a terminal."""


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Repeat the request and print the differences.

    Returns 0 even if the responses differ, 1 if nothing could be compared.
    """
    try:
        return await _run(services, arguments)
    except ParagoneError as error:
        if not arguments.json:
            raise
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        services.console.json({"message": arguments.id, "error": told})
        return 1


async def _run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    console = services.console
    stored_request = await kept_request(await services.store(), services.gateway, arguments.id)
    console.status(f"Asking {stored_request.model} again")
    rerun = Rerun(stored_request, services.gateway, services.catalog, listener=lambda event: tell(console, event))
    came = await rerun.run(flagged_too=arguments.allow_flagged, allow_parameters=arguments.allow_parameters)
    problem = came.answer.problem
    if came.answer.status is not Status.COMPLETE:
        fields = builtins(problem) if problem is not None else {"code": came.answer.status.value}
        if arguments.json:
            console.json({"message": stored_request.answer.id, "model": str(stored_request.model), "error": fields})
        elif problem is not None:
            console.error(problem.message, problem.hint, about=str(stored_request.model))
        return 1
    differences = drift(
        stored_request.answer, stored_request.sent.receipt, came.answer, came.receipt, elsewhere=came.elsewhere
    )
    if arguments.json:
        console.json(_described(stored_request, differences))
    else:
        _print(services, differences)
    return 0


def _print(services: ConsoleServices, found: Drift) -> None:
    console = services.console
    for sentence in sentences(found):
        console.line(sentence)
    places = [*_places(found)]
    for then, now in places[:_MOST_PLACES]:
        console.line(f"\n- {_short(then)}\n+ {_short(now)}")
    if len(places) > _MOST_PLACES:
        console.line(f"\n{len(places) - _MOST_PLACES} more differences; --json prints all.")
    if found.figures:
        console.line("")
        rows = [
            (
                str(FIGURE_NAMES[each.figure]),
                _figure(each.figure, each.then, about=each.then_about),
                _figure(each.figure, each.now, about=each.now_about),
            )
            for each in found.figures
        ]
        console.table(("Figure", "Then", "Now"), rows)


def _places(found: Drift) -> Iterator[tuple[str, str]]:
    """Yield the differing passages of both responses, the earlier one first."""
    if found.difference is not None:
        for change in found.difference.changes:
            if not change.same:
                yield change.left.of(found.then), change.right.of(found.now)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_PLACE else f"{line[: _LONGEST_PLACE - 1]}…"


def _figure(figure: DriftFigure, value: float | None, *, about: bool) -> str:
    if value is None:
        return ""
    match figure:
        case DriftFigure.FIRST | DriftFigure.DURATION:
            return f"{value:.0f} ms"
        case DriftFigure.COST:
            return f"${value:.4f}"
        case DriftFigure.SPEED:
            return f"{value:.1f}"
        case _:
            return f"{'~' if about else ''}{value:.0f}"


def _described(kept: KeptRequest, found: Drift) -> dict[str, JsonValue]:
    """Return the documented JSON output."""
    places: list[JsonValue] = [{"then": then, "now": now} for then, now in _places(found)]
    return {
        "message": kept.answer.id,
        "model": str(kept.model),
        "same": found.is_same,
        "share": found.difference.share if found.difference is not None else None,
        "differences": places if found.difference is not None else None,
        "ended": found.ended.value,
        "figures": {each.figure.value: {"then": each.then, "now": each.now} for each in found.figures},
        "estimated": {
            "then": any(each.then_about for each in found.figures),
            "now": any(each.now_about for each in found.figures),
        },
        "changed": {each.fact.value: {"then": each.then, "now": each.now} for each in found.changed},
        "then": found.then,
        "now": found.now,
    }
