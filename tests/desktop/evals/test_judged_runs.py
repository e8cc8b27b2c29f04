"""Judges are asked as part of their cell, under the run's cap, and again when answers are graded anew."""

from __future__ import annotations

import asyncio

import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.suite_cells import CellKey, CellStatus, RunState
from desktop.evals.execution.run_regrade import RunRegrade
from desktop.evals.suites.suite import GraderSpec, SuiteLimits
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer

JUDGE = GraderSpec(type="judge", options={"model": "other/echo", "rubric": 'Say this: {"pass": true, "score": 1}'})
"""Says back what it is told, which is no verdict."""


async def test_a_judge_is_asked_for_each_answer_and_what_it_costs_is_spent(desk: RunDesk, server: FaultServer) -> None:
    run, end = await desk.run(suite("lab/plain", graders=(JUDGE,), words=["x", "y"]))
    assert end.state is RunState.COMPLETE
    assert len(server.asked("echo")) == 2
    grades = [grade for each in desk.kept for grade in each.grades]
    assert len(grades) == 2
    assert all(grade.cost for grade in grades)
    spent = (await desk.store.suite_runs.get(run.id)).spent
    answers = sum(each.figures.cost or 0.0 for each in desk.kept if each.figures is not None)
    assert round(spent - answers - sum(grade.cost or 0.0 for grade in grades), 9) == 0


async def test_what_a_judge_costs_whose_answer_is_cut_is_spent_all_the_same(desk: RunDesk, server: FaultServer) -> None:
    entries = [Entry(id="plain", price_in=0.0, price_out=0.0), Entry(id="filter-answer", price_in=1e3, price_out=1e3)]
    made = RunDesk.over(desk.store, Catalog(entries), lab=server.url)
    judge = GraderSpec(type="judge", options={"model": "lab/filter-answer", "rubric": "good"})
    run, end = await made.run(suite("lab/plain", graders=(judge,), words=["x"]))
    (record,) = made.kept
    assert (end.state, record.status) == (RunState.COMPLETE, CellStatus.UNGRADED)
    cost = record.grades[0].cost
    assert cost
    assert (await made.store.suite_runs.get(run.id)).spent == pytest.approx(cost)
    await made.aclose()


async def test_an_answer_whose_judge_meets_the_cap_is_kept_and_judged_once_there_is_more(
    desk: RunDesk, server: FaultServer
) -> None:
    catalog = Catalog([Entry(id="plain", price_in=0.0, price_out=0.0), Entry(id="echo", price_in=1e6, price_out=1e6)])
    made = RunDesk.over(desk.store, catalog, lab=server.url, other=server.url)
    asked = suite("lab/plain", graders=(JUDGE,), limits=SuiteLimits(cost_usd=1.0, concurrency=1))
    run, end = await made.run(asked)
    (record,) = made.kept
    assert (end.state, record.status, record.text != "") == (RunState.CAPPED, CellStatus.UNGRADED, True)
    assert server.asked("echo") == []
    await made.store.suite_runs.set_cap(run.id, None)
    assert (await made.runner().run(run.id)).state is RunState.COMPLETE
    records = await made.store.suite_runs.records(run.id)
    assert len(records) == len(server.asked("plain")) == len(server.asked("echo")) == 3
    assert all(each.grades[0].cost and each.problem is None for each in records)
    await made.aclose()


@pytest.mark.parametrize(("stops", "kept"), [(False, 1), (True, 0)])
async def test_a_pause_lets_judges_end_and_a_stop_gives_their_cells_up(
    desk: RunDesk, server: FaultServer, *, stops: bool, kept: int
) -> None:
    judge = GraderSpec(type="judge", options={"model": "other/stall-middle", "rubric": "good"})
    run = await desk.plan(suite("lab/echo", graders=(judge,), words=["x"]))
    runner = desk.runner()
    running = asyncio.create_task(runner.run(run.id))
    async with asyncio.timeout(10):
        while not server.asked("stall-middle"):
            server.seen.clear()
            await server.seen.wait()
    (runner.stop if stops else runner.pause)()
    assert (await running).state is RunState.STOPPED
    assert len(desk.kept) == len((await desk.store.suite_runs.asked(run.id)).answered) == kept


async def test_answers_are_graded_anew_by_other_graders_without_being_asked_for(
    desk: RunDesk, server: FaultServer
) -> None:
    run, _ = await desk.run(suite("lab/echo", "lab/400", words=["x", "y"]))
    asked = len(server.requests)
    seen: list[tuple[int, int]] = []
    regrade = RunRegrade(desk.tools, lambda done, total: seen.append((done, total)))
    end = await regrade.run(run.id, [GraderSpec(type="contains", value="{{word}}x")])
    assert (end.state, seen) == (RunState.COMPLETE, [(1, 2), (2, 2)])
    records = await desk.store.suite_runs.records(run.id)
    assert [each.status for each in records if each.key.contender == 0] == [CellStatus.FAILED] * 2
    assert [each.status for each in records if each.key.contender == 1] == [CellStatus.ERROR] * 2
    kept = await desk.store.suite_runs.get(run.id)
    assert kept.digest != run.digest
    await desk.store.suite_runs.review(run.id, CellKey(0, 0, 0), True)
    await RunRegrade(desk.tools).run(run.id)
    assert (await desk.store.suite_runs.cell(run.id, CellKey(0, 0, 0))).status is CellStatus.PASSED
    assert (await desk.store.suite_runs.graded(run.id, CellKey(0, 0, 0))).status is CellStatus.FAILED
    assert len(server.requests) == asked


async def test_a_key_that_an_answer_gives_back_is_not_sent_to_its_judge(desk: RunDesk, server: FaultServer) -> None:
    key = "sk-Ab3dEf6hIj9kLm2nOp5q"
    judge = GraderSpec(type="judge", options={"model": "other/plain", "rubric": "good"})
    desk.tools.gateway._keys.mask.add(key)
    await desk.run(suite("lab/echo", graders=(judge,), words=[key]))
    (record,) = desk.kept
    assert key in record.text
    (asked,) = server.asked("plain")
    assert b"[secure]" in asked.body
    assert key.encode() not in asked.body
