"""A run asks every cell once, whatever ends it in between, and errors are never failures."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import pytest

from desktop.domain.events import Notice
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunState
from desktop.errors import BudgetSpent, ParagoneError, PromptBlocked, RunBusy, StoreError
from desktop.evals.execution.run_work import MOST_ERRORS
from desktop.evals.suites.suite import GraderSpec, SuiteLimits
from desktop.guards.gate import OpenGate, OutgoingTexts, Stored
from desktop.settings.policy import ALLOWED_MODELS, Fixed, Policy
from desktop.settings.values import Settings
from desktop.store.store import Store
from desktop.text.phrases import english
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer

ONE_BY_ONE = SuiteLimits(concurrency=1)
PASSED, FAILED, UNGRADED, ERROR = CellStatus.PASSED, CellStatus.FAILED, CellStatus.UNGRADED, CellStatus.ERROR


def prompts(server: FaultServer, model: str = "echo") -> Counter[str]:
    return Counter(str(each.json["messages"][-1]["content"]) for each in server.asked(model))


def statuses(desk: RunDesk) -> Counter[CellStatus]:
    return Counter(each.status for each in desk.kept)


async def test_every_contender_is_asked_every_case_and_what_it_says_is_graded_and_kept(
    desk: RunDesk, server: FaultServer
) -> None:
    graders = (GraderSpec(type="contains", value="{{word}}"), GraderSpec(type="contains", value="two", negated=True))
    run, end = await desk.run(suite("lab/echo", "other/echo", graders=graders, repeats=2))
    assert end.state is RunState.COMPLETE
    assert prompts(server) == {"say one": 4, "say two": 4, "say three": 4}
    assert statuses(desk) == {PASSED: 8, FAILED: 4}
    assert {each.key for each in desk.kept} == {
        CellKey(case, contender, repeat) for case in range(3) for contender in (0, 1) for repeat in (0, 1)
    }
    kept = await desk.store.suite_runs.records(run.id)
    assert sorted(desk.kept, key=lambda each: each.key) == kept
    failed = next(each for each in kept if each.status is FAILED)
    assert (failed.text.strip(), failed.grades[1].passed) == ("say two", False)
    assert "two" in failed.grades[1].reason
    receipt = await desk.store.suite_runs.receipt(run.id, CellKey(0, 0, 0))
    assert receipt is not None
    assert (receipt.wire, receipt.body) == ("chat", "")
    assert await desk.store.conversations.list() == ()


async def test_turns_follow_one_another_in_one_conversation(desk: RunDesk, server: FaultServer) -> None:
    _, end = await desk.run(suite("lab/echo", prompts=[("first {{word}}", "then {{word}}")], words=["x"], graders=()))
    assert end.state is RunState.COMPLETE
    (record,) = desk.kept
    assert [each.strip() for each in record.answers] == ["first x", "then x"]
    assert record.status is UNGRADED
    assert [each["role"] for each in server.asked("echo")[1].json["messages"]] == ["user", "assistant", "user"]
    assert record.figures is not None
    assert record.usage is not None
    assert record.figures.cost == pytest.approx(
        sum((record.usage.input_tokens or 0, record.usage.output_tokens or 0)) / 1000
    )


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("400", "request_rejected"),
        ("429", "rate_limited"),
        ("filter-prompt", "content_filter"),
        ("filter-answer", "content_filter"),
        ("cut-chunk", "interrupted"),
        ("stall", "stalled"),
    ],
)
async def test_what_comes_to_no_whole_answer_is_an_error_and_no_failure(desk: RunDesk, model: str, code: str) -> None:
    _, end = await desk.run(suite(f"lab/{model}", "lab/echo", words=["x"]))
    assert end.state is RunState.COMPLETE
    assert statuses(desk) == {ERROR: 1, PASSED: 1}
    (error,) = (each for each in desk.kept if each.status is ERROR)
    assert error.problem is not None
    assert (error.problem.code, error.grades, error.score) == (code, (), None)


async def test_a_run_that_is_stopped_goes_on_without_asking_anything_twice(desk: RunDesk, server: FaultServer) -> None:
    words = [f"w{number}" for number in range(12)]
    run = await desk.plan(suite("lab/echo", words=words, limits=ONE_BY_ONE))
    for asked in (3, 7):
        runner = desk.runner()

        def stop_at(record: CellRecord) -> None:
            desk.kept.append(record)
            if len(desk.kept) == asked:  # noqa: B023 - called within the loop
                runner.pause()  # noqa: B023

        runner._listener = stop_at
        end = await runner.run(run.id)
        assert (end.state, len(desk.kept)) == (RunState.STOPPED, asked)
        assert (await desk.store.suite_runs.progress(run.id)).state is RunState.STOPPED
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert prompts(server) == Counter(f"say {word}" for word in words)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert len(server.asked("echo")) == 12


async def test_what_is_under_way_when_it_is_stopped_is_asked_again_and_its_cost_counts(
    desk: RunDesk, server: FaultServer
) -> None:
    run = await desk.plan(suite("lab/slow:200:400", "lab/echo", words=["x"]))
    runner = desk.runner()
    kept = asyncio.Event()

    def tell(record: CellRecord) -> None:
        desk.kept.append(record)
        kept.set()

    runner._listener = tell
    running = asyncio.create_task(runner.run(run.id))
    async with asyncio.timeout(10):
        await kept.wait()
        while not server.asked("slow:200:400"):
            server.seen.clear()
            await server.seen.wait()
    runner.stop()
    assert (await running).state is RunState.STOPPED
    assert [each.key.contender for each in desk.kept] == [1]
    assert (await desk.store.suite_runs.asked(run.id)).answered == {CellKey(0, 1, 0)}


async def test_errors_are_asked_again_only_once_they_are_forgotten(desk: RunDesk, server: FaultServer) -> None:
    run, _ = await desk.run(suite("lab/fail-first:400:1", words=["x"]))
    assert statuses(desk) == {ERROR: 1}
    await desk.runner().run(run.id)
    assert len(server.asked("fail-first:400:1")) == 1
    await desk.store.suite_runs.forget_errors(run.id)
    assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
    assert desk.kept[-1].status is not ERROR


async def test_a_connection_that_only_fails_stops_the_run(desk: RunDesk, server: FaultServer) -> None:
    words = [f"w{number}" for number in range(3 * MOST_ERRORS)]
    _, end = await desk.run(suite("lab/401", words=words))
    assert end.state is RunState.STOPPED
    assert "20 consecutive calls to “lab”" in end.reason
    assert MOST_ERRORS <= len(desk.kept) <= MOST_ERRORS + 4
    assert len(server.asked("401")) <= MOST_ERRORS + 4


async def test_what_a_policy_forbids_meanwhile_are_errors_and_the_rest_goes_on(
    desk: RunDesk, server: FaultServer
) -> None:
    words = [f"w{number}" for number in range(2 * MOST_ERRORS)]
    run = await desk.plan(suite("lab/echo", "other/400", words=words, limits=ONE_BY_ONE))
    runner = desk.runner()
    entries = {ALLOWED_MODELS.name: Fixed(ALLOWED_MODELS.name, ("lab/*",), locked=True, source="test")}

    def forbid(record: CellRecord) -> None:
        desk.kept.append(record)
        if len(desk.kept) == 4:
            desk.use(Policy(entries=entries))

    runner._listener = forbid
    assert (await runner.run(run.id)).state is RunState.COMPLETE
    codes = Counter(each.problem.code for each in desk.kept if each.problem is not None)
    assert codes["policy"] > MOST_ERRORS
    assert statuses(desk)[PASSED] == len(words)
    assert len(server.asked("400")) < 5


async def test_a_full_disk_stops_the_run_with_a_sentence_and_its_state_survives(
    server: FaultServer, small_disk: Path
) -> None:
    async with await Store.open(small_disk / "data") as store:
        desk = RunDesk.over(store, lab=server.url)
        run = await desk.plan(suite("lab/echo", words=[f"{n} {'x' * 6_000}" for n in range(9)], limits=ONE_BY_ONE))
        runner, ballast = desk.runner(), small_disk / "ballast"

        def fill(record: CellRecord) -> None:
            desk.kept.append(record)
            if len(desk.kept) == 2:
                ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free))

        runner._listener = fill
        end = await runner.run(run.id)
        assert (end.state, "disk is full" in end.reason) == (RunState.STOPPED, True)
        assert (await store.suite_runs.progress(run.id)).state is RunState.STOPPED
        before = len(desk.kept)
        assert 2 <= before < 9
        assert len((await store.suite_runs.asked(run.id)).answered) == before
        ballast.unlink()
        assert (await desk.runner().run(run.id)).state is RunState.COMPLETE
        assert len(desk.kept) == 9
        assert sum(prompts(server).values()) == 10
        await desk.aclose()


class Held(OpenGate):
    """Holds back what it is told to, once so many went."""

    def __init__(self, error: ParagoneError, word: str, after: int = 0) -> None:
        self._error = error
        self._word = word
        self._left = after

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        if self._word in outgoing.texts[-1]:
            self._left -= 1
            if self._left < 0:
                raise self._error
        return ()


async def test_a_prompt_that_a_guard_holds_back_is_an_error_and_the_rest_goes_on(
    desk: RunDesk, server: FaultServer
) -> None:
    made = RunDesk.over(
        desk.store, gate=Held(PromptBlocked(english("The response contains a key.")), "bad"), lab=server.url
    )
    words = [*(f"bad{number}" for number in range(2 * MOST_ERRORS)), "good"]
    _, end = await made.run(suite("lab/echo", words=words))
    assert end.state is RunState.COMPLETE
    assert prompts(server) == {"say good": 1}
    assert {each.problem.code for each in made.kept if each.problem is not None} == {"prompt_blocked"}
    await made.aclose()


async def test_a_budget_that_is_spent_stops_the_run_and_leaves_its_cells_to_be_asked(
    desk: RunDesk, server: FaultServer
) -> None:
    made = RunDesk.over(
        desk.store, gate=Held(BudgetSpent(english("The budget is spent.")), "say", after=2), lab=server.url
    )
    run, end = await made.run(suite("lab/echo", limits=ONE_BY_ONE))
    assert (end.state, end.reason) == (RunState.STOPPED, "The budget is spent.")
    asked = await desk.store.suite_runs.asked(run.id)
    assert (len(asked.answered), asked.errors) == (2, frozenset())
    await made.aclose()


async def test_one_run_is_worked_on_once_at_a_time(desk: RunDesk, server: FaultServer) -> None:
    run = await desk.plan(suite("lab/stall", words=["x"]))
    runner = desk.runner()
    running = asyncio.create_task(runner.run(run.id))
    await asyncio.wait_for(server.seen.wait(), 10)
    with pytest.raises(RunBusy):
        await desk.runner().run(run.id)
    runner.stop()
    assert (await running).state is RunState.STOPPED


async def test_a_run_whose_task_is_cancelled_is_stopped(desk: RunDesk, server: FaultServer) -> None:
    run = await desk.plan(suite("lab/stall", words=["x"]))
    running = asyncio.create_task(desk.runner().run(run.id))
    await asyncio.wait_for(server.seen.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await desk.store.suite_runs.get(run.id)).state is RunState.STOPPED


async def test_what_its_listener_raises_ends_the_run_and_is_raised(desk: RunDesk) -> None:
    run = await desk.plan(suite("lab/echo"))
    runner = desk.runner()

    def broken(record: CellRecord) -> None:
        raise BrokenPipeError

    runner._listener = broken
    with pytest.raises(BrokenPipeError):
        await runner.run(run.id)
    assert (await desk.store.suite_runs.get(run.id)).state is RunState.STOPPED


async def test_a_run_that_spans_more_than_its_suite_is_damaged_and_asks_nothing(
    desk: RunDesk, server: FaultServer
) -> None:
    run = await desk.plan(suite("lab/echo"))
    statement = "UPDATE suite_runs SET facts = json_set(facts, '$.repeats', 900)"
    await desk.store._database.write(lambda sql: sql.run(statement))
    with pytest.raises(StoreError, match="damaged"):
        await desk.runner().run(run.id)
    assert server.requests == []
    assert (await desk.store.suite_runs.get(run.id)).state is RunState.STOPPED
