"""Gates of a pipeline: what a run must reach, and how much worse than an earlier run it may be."""

from __future__ import annotations

import pytest

from desktop.domain.suite_cells import RunState
from desktop.evals.execution.result_values import ContenderResult, RunResults
from desktop.evals.execution.run_comparison import ContenderChange, RunComparison
from desktop.evals.execution.run_gates import Gates, GateStatus, comparison_gate, run_gate
from desktop.evals.execution.score_claims import RunVerdict


def contender(score: float | None, *, rate: float | None = None, errors: int = 0) -> ContenderResult:
    return ContenderResult(
        contender=0,
        name="a",
        model="lab/a",
        answered=10,
        errors=errors,
        passed=9,
        failed=1,
        ungraded=0,
        score=score,
        se=None,
        low=None,
        high=None,
        cost_usd=None,
        latency_p50_ms=None,
        latency_p95_ms=None,
        pass_rate=rate,
    )


def results(*contenders: ContenderResult) -> RunResults:
    return RunResults(
        id="r", name="n", state=RunState.COMPLETE, spent_usd=0.0, cases=10, repeats=1, contenders=contenders, pairs=()
    )


@pytest.mark.parametrize(
    ("gates", "status"),
    [
        (Gates(min_score=0.9), GateStatus.HOLDS),
        (Gates(min_score=0.91), GateStatus.FAILS),
        (Gates(min_pass_rate=0.8, min_score=0.5), GateStatus.HOLDS),
        (Gates(min_pass_rate=0.81, min_score=0.5), GateStatus.FAILS),
        (Gates(max_errors=0), GateStatus.HOLDS),
    ],
)
def test_every_contender_must_reach_all_gates(gates: Gates, status: GateStatus) -> None:
    found = run_gate(results(contender(1.0, rate=1.0), contender(0.9, rate=0.8)), RunState.COMPLETE, gates)
    assert found.status is status


@pytest.mark.parametrize(
    ("gates", "status"),
    [(Gates(min_score=0.95), 4), (Gates(min_score=0.95, max_errors=1), 4), (Gates(min_score=0.95, max_errors=2), 3)],
)
def test_more_errors_than_allowed_count_before_low_scores(gates: Gates, status: int) -> None:
    found = run_gate(results(contender(0.9, errors=1), contender(0.9, errors=1)), RunState.COMPLETE, gates)
    assert found.status == status


def test_a_score_that_is_unknown_fails_and_a_capped_run_has_no_verdict() -> None:
    assert run_gate(results(contender(None)), RunState.COMPLETE, Gates(min_score=0)).status == 3
    assert run_gate(results(contender(1.0)), RunState.CAPPED, Gates(min_score=0)).status == 1


def change(low: float | None, high: float | None, *, n: int = 20, changed: int = 3) -> ContenderChange:
    return ContenderChange(
        name="a",
        n=n,
        earlier_score=0.9,
        later_score=0.8,
        difference=-0.1,
        low=low,
        high=high,
        p=0.5,
        verdict=RunVerdict.INCONCLUSIVE,
        worsened=changed,
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ([change(-0.05, 0.1)], 0),
        ([change(-0.051, 0.1)], 4),
        ([change(-0.2, -0.051)], 3),
        ([change(None, None)], 4),
        ([change(None, None, n=1, changed=0)], 0),
        ([change(None, None, n=0, changed=0)], 4),
        ([change(-0.05, 0.1), change(-0.2, 0.1)], 4),
        ([change(-0.2, 0.1), change(-0.2, -0.1), change(0.0, 0.1)], 3),
        ([], 4),
    ],
)
def test_a_later_run_may_be_worse_by_the_margin_at_most(changes: list[ContenderChange], status: int) -> None:
    compared = RunComparison(earlier="r", later="s", cases=20, contenders=tuple(changes), changes=())
    assert comparison_gate(compared, 0.05).status == status
