"""Gates for continuous integration: whether a run, or a comparison of two runs, meets what a pipeline requires."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import RunState
from desktop.evals.execution.result_values import RunResults
from desktop.evals.execution.run_comparison import ContenderChange, RunComparison
from desktop.formatting.number_format import in_a_line
from desktop.text.phrases import bounded


class GateStatus(IntEnum):
    """Exit status of a command with a gate. 2 stands for wrong use."""

    HOLDS = 0
    STOPPED = 1  # the run was capped or stopped, so that the gate was not evaluated
    FAILS = 3
    ERRORS = 4  # more errors than allowed, or undecided in a comparison


class Gates(Value, frozen=True, kw_only=True):
    """What every contender of a run must reach: shares from 0 to 1. None is not required.

    `max_errors` is the number of errors that the whole run may have.
    """

    min_score: float | None = None
    min_pass_rate: float | None = None
    max_errors: int | None = None


class GateResult(Value, frozen=True, kw_only=True):
    """Outcome of a gate, with a sentence for everything that was not met, or one that says that it holds."""

    status: GateStatus
    sentences: tuple[str, ...]


def run_gate(results: RunResults, state: RunState, gates: Gates) -> GateResult:
    """Return whether a run meets its gates. Too many errors count before low scores, which may follow from them."""
    if state is not RunState.COMPLETE:
        return _result(GateStatus.STOPPED, ["The gate was not evaluated, because the run is not complete."])
    errors, allowed = sum(each.errors for each in results.contenders), gates.max_errors or 0
    if errors > allowed:
        return _result(GateStatus.ERRORS, [f"The gate fails: errors: {errors:,}, allowed: {allowed:,}."])
    missed = [
        f"The gate fails: the {what} of {_name(each.name)} is {'unknown' if value is None else f'{value:.3f}'}, and at "
        f"least {least:g} is required."
        for each in results.contenders
        for what, value, least in (
            ("score", each.score, gates.min_score),
            ("pass rate", each.pass_rate, gates.min_pass_rate),
        )
        if least is not None and (value is None or value < least)
    ]
    return _result(GateStatus.FAILS if missed else GateStatus.HOLDS, missed)


def comparison_gate(comparison: RunComparison, margin: float) -> GateResult:
    """Return whether a later run is not worse than an earlier one by more than a margin, a share from 0 to 1.

    Every contender of both runs must hold: the lower bound of its paired difference is at least the negative margin.
    Without any changed case it holds for any number of cases.
    """
    if not comparison.contenders or not comparison.cases:
        return _result(GateStatus.ERRORS, ["The gate is undecided: the runs have nothing in common."])
    found = [_change_status(each, margin) for each in comparison.contenders]
    verbs = {GateStatus.FAILS: ("fails", "is"), GateStatus.ERRORS: ("is undecided", "may be")}
    said = [
        "The gate {}: {name} {} worse by more than {margin:g} points.".format(
            *verbs[status], name=_name(each.name), margin=margin * 100
        )
        for each, status in zip(comparison.contenders, found, strict=True)
        if status in verbs
    ]
    worst = GateStatus.FAILS if GateStatus.FAILS in found else max(found)
    return _result(worst, said)


def _change_status(change: ContenderChange, margin: float) -> GateStatus:
    if change.n and not change.improved and not change.worsened:
        return GateStatus.HOLDS
    if change.low is None or change.high is None:
        return GateStatus.ERRORS
    if change.low >= -margin:
        return GateStatus.HOLDS
    return GateStatus.FAILS if change.high < -margin else GateStatus.ERRORS


def _result(status: GateStatus, sentences: Sequence[str]) -> GateResult:
    return GateResult(status=status, sentences=tuple(sentences) or ("The gate holds.",))


def _name(name: str) -> str:
    return in_a_line(bounded(name))
