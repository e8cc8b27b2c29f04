"""A run through a Batch API ends as others do, wherever it was broken off, and leaves no file behind."""

from __future__ import annotations

import asyncio
from types import MappingProxyType

import msgspec
import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Wire
from desktop.domain.suite_cells import AskedCells, CellKey, CellStatus, RunState
from desktop.errors import BudgetSpent, ParametersUnconfirmed, PromptBlocked, RunHalted, UsageError
from desktop.evals.batch.batch_costs import require_bounds
from desktop.evals.batch.batch_plan import FileBounds
from desktop.evals.suites.suite import GraderSpec, Suite, SuiteLimits
from desktop.settings.schema import BUDGET
from desktop.settings.values import Settings
from desktop.store.records.batch_job_rows import BatchJob, BatchStep
from desktop.text.phrases import english
from tests.desktop.evals.batch.batch_desk import BatchDesk
from tests.desktop.evals.execution.test_suite_runner import Held
from tests.desktop.evals.run_desk import suite
from tests.servers.batch_server import STATES, BatchServer


async def test_every_cell_is_answered_graded_and_paid_for_at_half_the_price(
    desk: BatchDesk, server: BatchServer
) -> None:
    run, end = await desk.run(suite("lab/echo", "open/echo", repeats=2))
    assert end.state is RunState.COMPLETE
    records = await desk.records(run)
    assert len(records) == 12
    assert {each.status for each in records} == {CellStatus.PASSED}
    assert {each.text for each in records if each.key.case == 1} == {"You said: say two"}
    figures = [each.figures for each in records]
    assert {(each.cost, each.duration_ms, each.finish_reason) for each in figures if each} == {(0.01, None, "stop")}
    assert (await desk.store.suite_runs.get(run.id)).spent == pytest.approx(0.12)
    assert len(server.batches) == 2
    assert server.files == {}
    assert desk.told == []


async def test_lines_are_those_that_are_asked_one_by_one_but_not_streamed(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo", words=["one"], parameters={"temperature": 0, "max_tokens": 9}))
    await desk.runner().run(run.id, waits=False)
    (file_id,) = server.files
    body = {
        "temperature": 0,
        "max_tokens": 9,
        "model": "echo",
        "messages": [{"role": "user", "content": "say one"}],
    }
    assert server.lines(file_id) == [
        {"custom_id": "0-0-0", "method": "POST", "url": "/v1/chat/completions", "body": body}
    ]
    assert server.files[file_id]["filename"] == f"paragone-{run.id}-0.jsonl"


async def test_what_is_cut_refused_missing_or_broken_is_an_error_and_says_so(
    desk: BatchDesk, server: BatchServer
) -> None:
    server.foreign = True
    words = ["good", "long", "filtered", "refused", "missing", "broken"]
    run, end = await desk.run(suite("lab/echo", words=words))
    assert end.state is RunState.COMPLETE
    problems = {each.key.case: each.problem for each in await desk.records(run)}
    codes = [problem.code if problem else "" for _, problem in sorted(problems.items())]
    assert codes == ["", "length", "content_filter", "content_filter", "batch_missing", "batch_missing"]
    assert "9-9-9" in desk.told[0]
    assert desk.told[1].startswith("1 line in ")


async def test_a_file_holds_one_deployment_and_no_more_than_its_bounds(desk: BatchDesk, server: BatchServer) -> None:
    words = [f"w{number}" for number in range(5)]
    run, end = await desk.run(suite("lab/echo", "lab/long:20000", words=words), FileBounds(lines=2))
    assert end.state is RunState.COMPLETE
    assert len(server.batches) == 6
    assert len(await desk.records(run)) == 10


async def test_results_that_have_no_room_are_read_anew_until_all_are_kept(desk: BatchDesk, server: BatchServer) -> None:
    run, end = await desk.run(suite("lab/echo", words=["one", "two", "missing"]), FileBounds(held=1))
    assert end.state is RunState.COMPLETE, end.reason
    assert [each.status is CellStatus.PASSED for each in await desk.records(run)] == [True, True, False]
    read = [each.path for each in server.requests if each.path.endswith("/content")]
    assert len(read) == 2
    assert len(server.batches) == 1


async def test_expired_requests_are_errors_and_can_be_asked_again(desk: BatchDesk, server: BatchServer) -> None:
    server.states = ("validating", "expired")
    run, end = await desk.run(suite("lab/echo", words=["a", "b", "c", "d"]))
    assert end.state is RunState.COMPLETE
    records = await desk.records(run)
    assert sorted(each.problem.code if each.problem else "" for each in records) == ["", "", *["batch_expired"] * 2]
    server.states = STATES
    await desk.store.suite_runs.forget_errors(run.id)
    await desk.runner().run(run.id)
    assert {each.status for each in await desk.records(run)} == {CellStatus.PASSED}
    assert [len(server.lines(each)) for each in server.files] == []


async def test_a_file_that_the_server_does_not_take_makes_errors_with_its_reason(
    desk: BatchDesk, server: BatchServer
) -> None:
    server.refuses = {"POST batches"}
    run, end = await desk.run(suite("lab/echo"))
    assert end.state is RunState.COMPLETE
    records = await desk.records(run)
    assert {each.problem.code for each in records if each.problem} == {"batch_failed"}
    assert "Not today" in str(records[0].problem)
    assert server.files == {}


async def test_a_file_that_cannot_be_deleted_is_told_and_deleted_later(desk: BatchDesk, server: BatchServer) -> None:
    server.refuses = {"DELETE files"}
    run, end = await desk.run(suite("lab/echo"))
    assert end.state is RunState.COMPLETE
    assert "could not be deleted" in desk.told[0]
    server.refuses = set()
    await desk.runner().run(run.id)
    assert server.files == {}


async def test_cancelled_what_was_done_is_kept_and_the_rest_is_asked_later(
    desk: BatchDesk, server: BatchServer
) -> None:
    run = await desk.plan(suite("lab/echo", words=["a", "b", "c", "d"]))
    end = await desk.runner().run(run.id, waits=False)
    assert (end.state, len(server.batches)) == (RunState.STOPPED, 1)
    end = await desk.runner().cancel(run.id)
    assert end.state is RunState.STOPPED
    assert "not all requests have responses" in str(end.reason)
    assert await desk.runner().watch(run.id) == end
    assert [each.status for each in await desk.records(run)] == [CellStatus.PASSED] * 2
    assert (await desk.store.suite_runs.get(run.id)).spent == pytest.approx(0.02)
    assert server.files == {}
    end = await desk.runner().run(run.id)
    assert end.state is RunState.COMPLETE
    assert len(await desk.records(run)) == 4


async def test_cancelled_before_anything_was_sent_nothing_is_sent(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo"))
    job = BatchJob(number=0, name="n", connection="lab", model="echo", wire=Wire.CHAT, endpoint="/chat/completions")
    await desk.store.batch_jobs.plan(run.id, [(job, [CellKey(0, 0, 0)])])
    await desk.runner().cancel(run.id)
    assert server.requests == []


@pytest.mark.parametrize("lost", ["upload", "begin"])
async def test_what_was_done_and_not_answered_is_found_again_and_not_done_twice(
    desk: BatchDesk, server: BatchServer, lost: str
) -> None:
    server.lost = {lost}
    server.page = 1
    run, end = await desk.run(suite("lab/echo"))
    assert end.state is RunState.COMPLETE
    assert len(server.batches) == 1
    posted = [each.path for each in server.requests if each.method == "POST" and each.path.endswith("/files")]
    assert len(posted) == 1
    assert len(await desk.records(run)) == 3
    assert server.files == {}


async def test_broken_off_at_every_request_it_ends_as_if_it_never_was(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo", "open/echo"))
    ended = False
    for _ in range(80):
        runner = desk.runner()
        task = asyncio.create_task(runner.run(run.id))
        server.seen.clear()
        seen = asyncio.create_task(server.seen.wait())
        await asyncio.wait({task, seen}, return_when=asyncio.FIRST_COMPLETED)
        seen.cancel()
        runner.stop()
        end = await task
        if end.state is RunState.COMPLETE:
            ended = True
            break
        assert end.state is RunState.STOPPED
        end = await desk.runner().run(run.id, waits=False)
        if end.state is RunState.COMPLETE:
            ended = True
            break
    assert ended
    assert len(server.batches) == 2
    assert {each.status for each in await desk.records(run)} == {CellStatus.PASSED}
    assert (await desk.store.suite_runs.get(run.id)).spent == pytest.approx(0.06)
    assert server.files == {}


async def test_what_cannot_go_in_a_file_is_refused_before_anything_is_sent(
    desk: BatchDesk, server: BatchServer
) -> None:
    several = suite("lab/echo", prompts=(("say {{word}}", "and again"),))
    with pytest.raises(UsageError, match="several turns"):
        await desk.run(several)
    with pytest.raises(UsageError, match="has no Batch API"):
        await desk.run(suite("claude/opus"))
    lab = desk.desk.settings().connection("lab")
    desk.desk.settings.use(Settings(connections=(msgspec.structs.replace(lab, wire=Wire.MESSAGES),)))
    with pytest.raises(UsageError, match="only supports the Messages API"):
        await desk.run(suite("lab/echo"))
    assert server.requests == []


async def test_a_prompt_that_a_guard_holds_back_is_in_no_file(desk: BatchDesk, server: BatchServer) -> None:
    made = BatchDesk.at(desk.store, server, Held(PromptBlocked(english("The response contains a key.")), "bad"))
    run, end = await made.run(suite("lab/echo", words=["good", "bad"]))
    assert end.state is RunState.COMPLETE
    assert [each.problem.code if each.problem else "" for each in await made.records(run)] == ["", "prompt_blocked"]
    (posted,) = [each for each in server.requests if each.method == "POST" and each.path.endswith("/files")]
    assert b"say good" in posted.body
    assert b"say bad" not in posted.body
    await made.desk.aclose()


async def test_a_budget_that_is_spent_or_too_small_sends_nothing(desk: BatchDesk, server: BatchServer) -> None:
    spent = BatchDesk.at(desk.store, server, Held(BudgetSpent(english("It is spent.")), "say"))
    run, end = await spent.run(suite("lab/echo"))
    assert (end.state, end.reason) == (RunState.STOPPED, "It is spent.")
    await spent.desk.aclose()
    current = desk.desk.settings()
    small = Settings(connections=current.connections, values=MappingProxyType({BUDGET.key: 0.05}))
    desk.desk.settings.use(small)
    _, end = await desk.run(suite("lab/echo", parameters={"max_tokens": 100}))
    assert "0.05 USD of this month's budget" in str(end.reason)
    assert not any(each.method == "POST" for each in server.requests)
    assert await desk.store.suite_runs.asked(run.id) == AskedCells(frozenset(), frozenset())


async def test_a_connection_that_lets_nobody_in_holds_up_no_other(desk: BatchDesk, server: BatchServer) -> None:
    server.denied = "/openai/"
    run, end = await desk.run(suite("lab/echo", "open/echo"))
    assert end.state is RunState.STOPPED
    assert {each.key.contender for each in await desk.records(run)} == {1}


async def test_a_job_is_asked_for_at_the_server_that_has_it_alone(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo", "open/echo"))
    await desk.runner().run(run.id, waits=False)
    before = desk.desk.settings()
    lab = before.connection("lab")
    async with BatchServer() as other:
        moved = msgspec.structs.replace(lab, url=other.azure)
        desk.desk.settings.use(before.without_connection("lab").with_connection(moved))
        end = await desk.runner().watch(run.id)
        assert other.requests == []
    assert end.state is RunState.STOPPED
    assert server.origin in str(end.reason)
    assert {each.key.contender for each in await desk.records(run)} == {1}
    desk.desk.settings.use(before)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert len(server.batches) == 2
    assert {each.status for each in await desk.records(run)} == {CellStatus.PASSED}


async def test_whoever_asks_one_by_one_leaves_a_batch_alone(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo"))
    with pytest.raises(UsageError, match="is a batch"):
        await desk.desk.runner().run(run.id)
    other = await desk.desk.plan(suite("lab/echo"))
    with pytest.raises(UsageError, match="not a batch"):
        await desk.runner().watch(other.id)
    assert server.requests == []


async def test_parameters_that_may_steer_the_provider_are_in_no_file_without_a_yes(
    desk: BatchDesk, server: BatchServer
) -> None:
    with pytest.raises(ParametersUnconfirmed, match="service_tier"):
        await desk.run(suite("lab/echo", parameters={"service_tier": "flex"}))
    assert server.requests == []


def test_no_cap_can_be_kept_where_a_parameter_may_ask_for_several_answers() -> None:
    priced = Entry(id="a", price_in=1.0, price_out=1.0)
    require_bounds(suite("lab/a", parameters={"max_tokens": 5}), lambda _model: priced, unknown_prices=False)
    with pytest.raises(RunHalted, match="have no maximum length"):
        require_bounds(
            suite("lab/a", parameters={"max_tokens": 5, "n": 4}), lambda _model: priced, unknown_prices=False
        )


async def test_a_cap_holds_for_the_longest_answers_before_anything_is_sent(
    desk: BatchDesk, server: BatchServer
) -> None:
    def capped(cap: float, **parameters: int) -> Suite:
        return suite("lab/echo", limits=SuiteLimits(cost_usd=cap), parameters={**parameters})

    _, end = await desk.run(capped(100.0))
    assert (end.state, "have no maximum length" in str(end.reason)) == (RunState.STOPPED, True)
    run, end = await desk.run(capped(0.10, max_tokens=100))
    assert end.state is RunState.CAPPED
    assert not any(each.path.endswith("/files") for each in server.requests)
    await desk.store.suite_runs.set_cap(run.id, 0.20)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE


async def test_a_judge_is_asked_at_once_and_at_its_own_price(desk: BatchDesk, server: BatchServer) -> None:
    judge = GraderSpec(type="judge", options={"model": "open/echo", "rubric": "Good?"})
    run, end = await desk.run(suite("lab/echo", words=["one"], graders=[judge]))
    assert end.state is RunState.COMPLETE
    assert len(server.asked("echo")) > 0
    (record,) = await desk.records(run)
    assert record.status is CellStatus.UNGRADED


async def test_two_wires_of_a_model_go_to_two_routes(desk: BatchDesk, server: BatchServer) -> None:
    lab = desk.desk.settings().connection("lab")
    desk.desk.settings.use(Settings(connections=(msgspec.structs.replace(lab, wire=Wire.RESPONSES),)))
    run, end = await desk.run(suite("lab/echo", words=["one"]))
    assert end.state is RunState.COMPLETE
    assert [each["endpoint"] for each in server.batches.values()] == ["/v1/responses"]
    assert [each.text for each in await desk.records(run)] == ["You said: say one"]


async def test_jobs_are_on_the_disk_with_their_steps(desk: BatchDesk, server: BatchServer) -> None:
    run = await desk.plan(suite("lab/echo"))
    steps: list[BatchStep] = []
    for _ in range(6):
        await desk.runner().run(run.id, waits=False)
        steps += [each.step for each in await desk.store.batch_jobs.list(run.id)]
    assert steps == [*[BatchStep.BEGUN] * 2, *[BatchStep.CLEARED] * 4]
