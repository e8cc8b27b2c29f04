"""A run with a cap spends no more than that, says when it ends for it, and goes on once the cap is raised."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.suites.suite import GraderSpec, SuiteLimits
from desktop.settings.values import Settings
from desktop.store.store import Store
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer

WORDS = [f"w{number}" for number in range(30)]


async def test_a_run_ends_at_its_cap_and_goes_on_with_a_higher_one(desk: RunDesk, server: FaultServer) -> None:
    asked = suite("lab/echo", words=WORDS, limits=SuiteLimits(cost_usd=0.2))
    run, end = await desk.run(asked)
    assert end.state is RunState.CAPPED
    assert end.reason
    found = await desk.store.suite_runs.get(run.id)
    assert (found.state, found.cap) == (RunState.CAPPED, 0.2)
    assert 0.1 < found.spent <= 0.2
    assert 0 < len(desk.kept) < len(WORDS)
    assert {each.status for each in desk.kept} == {CellStatus.PASSED}
    assert (await desk.runner().run(run.id)).state is RunState.CAPPED
    await desk.store.suite_runs.set_cap(run.id, 9.0)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert len(desk.kept) == len(server.asked("echo")) == len(WORDS)
    assert (await desk.store.suite_runs.get(run.id)).spent == pytest.approx(
        sum(each.figures.cost or 0.0 for each in desk.kept if each.figures is not None)
    )


async def test_an_answer_that_ends_beyond_the_cap_is_kept_and_graded_and_nothing_more_is_sent(
    desk: RunDesk, server: FaultServer
) -> None:
    longer = GraderSpec(type="contains", value="w1499")
    _, end = await desk.run(suite("lab/long:1500", graders=(longer,), limits=SuiteLimits(cost_usd=1.0)))
    assert [each.status for each in desk.kept] == [CellStatus.PASSED]
    assert (end.state, len(server.requests)) == (RunState.CAPPED, 1)


async def test_an_answer_that_goes_on_beyond_cap_and_estimate_is_stopped_and_is_an_error(
    desk: RunDesk, server: FaultServer
) -> None:
    asked = suite("lab/long:20000", words=["x"], limits=SuiteLimits(cost_usd=1.0), parameters={"max_tokens": 500})
    run, end = await desk.run(asked)
    (record,) = desk.kept
    assert record.status is CellStatus.ERROR
    assert record.problem is not None
    assert record.problem.code == "cap"
    spent = (await desk.store.suite_runs.get(run.id)).spent
    assert 1.0 < spent < 1.2
    assert (end.state, bool(end.hint)) == (RunState.CAPPED, True)
    assert await desk.store.spent(run.created_at) == pytest.approx(spent)


async def test_a_cap_of_nothing_sends_nothing(desk: RunDesk, server: FaultServer) -> None:
    _, end = await desk.run(suite("lab/echo", "lab/plain", limits=SuiteLimits(cost_usd=0.0)))
    assert (end.state, desk.kept, server.requests) == (RunState.CAPPED, [], [])


async def test_with_a_cap_a_model_without_a_price_is_asked_only_where_that_is_allowed(
    desk: RunDesk, server: FaultServer
) -> None:
    asked = suite("lab/crlf", limits=SuiteLimits(cost_usd=1.0))
    run, end = await desk.run(asked)
    assert (end.state, desk.kept, server.requests) == (RunState.STOPPED, [], [])
    assert "lab/crlf" in end.reason
    await desk.store.suite_runs.allow_unknown_prices(run.id)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert len(server.asked("crlf")) == 3


async def test_without_a_cap_no_price_is_asked_for(desk: RunDesk) -> None:
    run, end = await desk.run(suite("lab/crlf", "lab/echo"))
    assert end.state is RunState.COMPLETE
    assert (await desk.store.suite_runs.get(run.id)).spent > 0


async def test_a_free_model_is_never_held_back(desk: RunDesk, server: FaultServer) -> None:
    free = Catalog([Entry(id="echo", price_in=0.0, price_out=0.0)])
    made = RunDesk.over(desk.store, free, lab=server.url)
    _, end = await made.run(suite("lab/echo", limits=SuiteLimits(cost_usd=1e-9)))
    assert (end.state, len(made.kept)) == (RunState.COMPLETE, 3)
    await made.aclose()


async def test_a_deployment_whose_list_says_which_model_it_is_has_that_models_price(tmp_path: Path) -> None:
    async with FaultServer() as server, await Store.open(tmp_path / "data") as store:
        made = RunDesk.over(store, Catalog([Entry(id="grok-3", price_in=1.0, price_out=1.0)]), lab=server.url)
        azure = Connection(name="azure", kind=Kind.AZURE_INFERENCE, url=f"{server.origin}/openai/v1", auth=Auth.NONE)
        made.settings.use(Settings(connections=(*made.settings().connections, azure)))
        asked = suite("azure/my-grok-3", graders=(), words=["x"], limits=SuiteLimits(cost_usd=1.0))
        run, end = await made.run(asked)
        assert end.state is RunState.COMPLETE, end.reason
        assert (await store.suite_runs.get(run.id)).spent > 0
        await made.aclose()


async def test_a_judge_without_a_price_ends_a_run_with_a_cap_before_its_first_call(
    desk: RunDesk, server: FaultServer
) -> None:
    judge = GraderSpec(type="judge", options={"model": "lab/crlf", "rubric": "good"})
    plain = suite("lab/echo", limits=SuiteLimits(cost_usd=1.0))
    cases = tuple(msgspec.structs.replace(case, graders=(judge,)) for case in plain.cases)
    run, end = await desk.run(msgspec.structs.replace(plain, cases=cases))
    assert (end.state, desk.kept, server.requests) == (RunState.STOPPED, [], [])
    assert (await desk.store.suite_runs.get(run.id)).reason == str(end.reason)
    assert "lab/crlf" in end.reason
