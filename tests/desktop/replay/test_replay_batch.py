"""A replay sent in batches asks what it would ask one by one, at half the price, and survives whatever ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.suite_cells import CellStatus, RunRecord, RunState
from desktop.errors import UsageError
from desktop.evals.batch.batch_runner import BatchRunner
from desktop.evals.execution.run_limits import RunLimits
from desktop.evals.execution.run_work import RunEnd
from desktop.evals.execution.suite_runner import RunTools
from desktop.replay.replay_batch import ReplayBatches
from desktop.replay.replay_plan import new_replay
from desktop.replay.replay_runner import DELETED
from desktop.store.store import Store
from tests.desktop.replay.replay_desk import ReplayUser, model
from tests.desktop.session.test_rerun import PICTURE
from tests.desktop.store.new_database import put_database
from tests.servers.batch_server import BatchServer

PRICED = Entry(id="echo", price_in=1_000.0, price_out=2_000.0, max_output=100, vision=True)


@pytest.fixture
async def server() -> AsyncIterator[BatchServer]:
    async with BatchServer() as running:
        yield running


@pytest.fixture
async def user(tmp_path: Path, server: BatchServer) -> AsyncIterator[ReplayUser]:
    async with await Store.open(put_database(tmp_path / "data")) as store:
        made = ReplayUser.over(store, server, PRICED)
        yield made
        await made.tools.gateway.aclose()


async def planned(user: ReplayUser, *models: str, cap: float | None = None, of: str = "", **choice: Any) -> RunRecord:  # noqa: ANN401
    wanted = {"of": model(of)} if of else {}
    selection = await user.select(*models, **wanted, **choice)
    run = new_replay(selection.plan, cap=cap, is_batch=True)
    await user.store.replays.create(run)
    return run


async def work(user: ReplayUser, run: RunRecord, *, waits: bool = True) -> RunEnd:
    tools, limits = user.tools, RunLimits(longest_rest_s=0.05)
    runner = BatchRunner(
        RunTools(tools.store, tools.gateway, tools.catalog, limits),
        ReplayBatches(tools, limits),
        listener=user.kept.append,
        poll_s=0.001,
    )
    return await runner.run(run.id, waits=waits)


async def test_the_lines_are_the_requests_of_a_replay_one_by_one(user: ReplayUser, server: BatchServer) -> None:
    await user.store.files.keep(PICTURE, PICTURE.name.encode() * 40)
    await user.chat("lab/plain", "first", "and then", system="Be kind.", parameters={"temperature": 0.5})
    await user.chat("lab/plain", "look", files=[PICTURE])
    run = await planned(user, "other/echo", of="lab/plain")
    await work(user, run, waits=False)
    (file_id,) = server.files
    lines = {each["custom_id"]: each["body"] for each in server.lines(file_id)}
    await user.replay("other/echo", of=model("lab/plain"))
    streamed = ("stream", "stream_options")
    alone = [{name: value for name, value in each.items() if name not in streamed} for each in user.bodies("echo")]
    sent = [{name: value for name, value in each.items() if name != "model"} for each in lines.values()]
    assert len(sent) == 3
    assert sorted(map(repr, sent)) == sorted(map(repr, alone))


async def test_answers_cost_half_carry_their_signals_and_are_asked_once(user: ReplayUser, server: BatchServer) -> None:
    await user.remember(("a table", "| a | b |\n| - | - |\n| 1 | 2 |"), ("plain", "You said: plain"))
    run = await planned(user, "lab/echo")
    assert (await work(user, run, waits=False)).state is RunState.STOPPED
    end = await work(user, run)
    assert end.state is RunState.COMPLETE
    grades = {each.text: [grade.grader for grade in each.grades] for each in user.kept}
    assert grades == {"You said: a table": ["table_lost"], "You said: plain": []}
    # The server reports 10 input and 10 output tokens for each answer, which are 0.03 USD at the full price
    assert [each.figures.cost for each in user.kept if each.figures is not None] == [pytest.approx(0.015)] * 2
    assert (await user.store.replays.get(run.id)).spent == pytest.approx(0.03, rel=0.05)
    assert len(server.batches) == 1
    assert server.files == {}


async def test_a_conversation_deleted_while_the_batch_works_is_an_error_and_paid_for(
    user: ReplayUser, server: BatchServer
) -> None:
    await user.remember(("stays", "yes"))
    goes = await user.remember(("goes", "no"))
    run = await planned(user, "lab/echo")
    while not any(batch["status"] for batch in server.batches.values()):
        await work(user, run, waits=False)
    await user.store.conversations.trash([goes.id])
    await user.store.conversations.purge([goes.id])
    assert (await work(user, run)).state is RunState.COMPLETE
    found = {each.problem.code if each.problem else "": each for each in user.kept}
    assert found[DELETED].status is CellStatus.ERROR
    alone, _ = await user.replay("lab/echo")  # of what stays
    spent = [(await user.store.replays.get(each)).spent for each in (run.id, alone)]
    assert spent[0] > 0.75 * spent[1]


@pytest.mark.parametrize(("cap", "state"), [(0.01, RunState.CAPPED), (5.0, RunState.COMPLETE)])
async def test_a_cap_is_checked_before_anything_is_sent(
    user: ReplayUser, server: BatchServer, cap: float, state: RunState
) -> None:
    await user.remember(("one", "two"))
    run = await planned(user, "lab/echo", cap=cap)
    assert (await work(user, run)).state is state
    assert len(server.batches) == (1 if state is RunState.COMPLETE else 0)


async def test_a_model_without_a_batch_api_and_a_batch_asked_one_by_one_are_refused(user: ReplayUser) -> None:
    await user.remember(("one", "two"))
    run = await planned(user, "embedded/smollm2")
    with pytest.raises(UsageError, match="Batch API"):
        await work(user, run)
    with pytest.raises(UsageError, match="is a batch"):
        await user.runner().run((await planned(user, "lab/echo")).id)
