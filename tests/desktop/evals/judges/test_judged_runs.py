"""Runs with judges, from the suite to what is known of the judges, over a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.suite_cells import CellKey, CellStatus, RunState
from desktop.evals.execution.kept_results import read_results
from desktop.evals.suites.suite import GraderSpec
from desktop.store.store import Store
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer

JUDGE = GraderSpec(type="judge", options={"model": "lab/judge:say"})
PAIRS = GraderSpec(type="judge-pair", weight=0.0, options={"model": "lab/judge:say"})
KNOWN = (
    Entry(id="echo", price_in=1_000.0, price_out=1_000.0, publisher="Sage"),
    Entry(id="plain", price_in=1_000.0, price_out=1_000.0),
    Entry(id="judge:say", price_in=1_000.0, price_out=1_000.0, publisher="Sage"),
)


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path, server: FaultServer) -> AsyncIterator[RunDesk]:
    async with await Store.open(tmp_path / "data") as store:
        made = RunDesk.over(store, Catalog(KNOWN), lab=server.url)
        yield made
        await made.aclose()


async def test_a_judge_grades_answers_and_what_it_costs_is_spent(desk: RunDesk, server: FaultServer) -> None:
    run, end = await desk.run(suite("lab/echo", "lab/plain", graders=(JUDGE,)))
    assert end.state is RunState.COMPLETE
    assert [each.status for each in sorted(desk.kept, key=lambda each: each.key)] == [
        CellStatus.PASSED, CellStatus.FAILED,
    ] * 3  # fmt: skip
    kept = await read_results(desk.store, run.id, desk.catalog)
    (facts,) = kept.results.judges
    assert (facts.calls, facts.errors, facts.items) == (6, 0, 6) == (len(server.asked("judge:say")), 0, 6)
    assert facts.cost is not None
    contenders = sum(each.cost_usd or 0.0 for each in kept.results.contenders)
    assert kept.run.spent == pytest.approx(contenders + facts.cost, abs=0.01)
    assert any("not calibrated" in each for each in kept.results.notices)
    assert any("is from the same publisher as lab/echo" in each for each in kept.results.notices)


async def test_pairs_are_judged_in_both_orders_when_all_answers_are_there(desk: RunDesk, server: FaultServer) -> None:
    run, end = await desk.run(suite("lab/echo", "lab/plain", graders=(GraderSpec(type="contains", value="e"), PAIRS)))
    assert end.state is RunState.COMPLETE
    assert len(server.asked("judge:say")) == 6
    verdicts = await desk.store.judge_verdicts.list(run.id)
    assert [(each.case, each.winner, each.sides) for each in verdicts] == [(case, 1, (1, 1)) for case in range(3)]
    kept = await read_results(desk.store, run.id)
    (facts,) = kept.results.judges
    assert (facts.in_pairs, facts.items, facts.flipped.part, facts.calls) == (True, 3, 0, 6)
    assert await desk.store.spent(kept.run.created_at) == pytest.approx(kept.run.spent)


async def test_a_cap_stops_the_judging_too_and_it_goes_on_where_it_stopped(desk: RunDesk, server: FaultServer) -> None:
    asked = suite("lab/echo", "lab/plain", graders=(PAIRS,))
    run = await desk.plan(asked)
    await desk.store.suite_runs.set_cap(run.id, 0.3)
    assert (await desk.runner().run(run.id)).state is RunState.CAPPED
    judged = await desk.store.judge_verdicts.list(run.id)
    assert len(judged) < 3
    await desk.store.suite_runs.set_cap(run.id, None)
    before = len(server.asked("judge:say"))
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert len(server.asked("judge:say")) - before == 2 * (3 - len(judged))
    assert len(await desk.store.judge_verdicts.list(run.id)) == 3


async def test_a_review_of_answers_is_held_against_the_judge(desk: RunDesk) -> None:
    run, _ = await desk.run(suite("lab/echo", graders=(JUDGE,)))
    for case in range(3):
        await desk.store.suite_runs.review(run.id, CellKey(case, 0, 0), case > 0)
    (facts,) = (await read_results(desk.store, run.id)).results.judges
    assert facts.people is not None
    assert (facts.people.items, facts.people.share) == (3, pytest.approx(2 / 3))


async def test_a_judge_of_pairs_without_a_model_judges_nothing_and_that_is_said(desk: RunDesk) -> None:
    run, end = await desk.run(suite("lab/echo", "lab/plain", graders=(GraderSpec(type="judge-pair"),)))
    assert end.state is RunState.COMPLETE
    kept = await read_results(desk.store, run.id)
    assert any("A judge in this suite has no model" in each for each in kept.results.notices)
