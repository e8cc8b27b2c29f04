"""Runs whose models call tools of a real server: calls are stored, recorded, replayed and graded again."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import JsonValue, Message, Role, Status, ToolChoice
from desktop.domain.message_parts import TextPart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunRecord, RunState
from desktop.domain.tool_types import ToolServer
from desktop.errors import PolicyForbids, UsageError
from desktop.evals.execution.cell_conversation import conversation_of
from desktop.evals.execution.cell_outcome import record_of
from desktop.evals.execution.kept_results import read_results
from desktop.evals.execution.run_plan import new_run
from desktop.evals.execution.run_regrade import RunRegrade
from desktop.evals.execution.suite_runner import SuiteRunner
from desktop.evals.execution.tool_outlook import outlook_json, outlook_sentences, require_servers, tool_outlook
from desktop.evals.execution.tool_recordings import source_run
from desktop.evals.suites.suite import GraderSpec, Suite, SuiteLimits, ToolMode
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.net.options import NetworkOptions
from desktop.reports.cell_calls import call_text, cells_json
from desktop.settings.policy import TOOL_SERVERS, Fixed, Policy
from desktop.tools.desk_runner import DeskToolbox
from desktop.tools.server_file import ToolServerFile, added
from desktop.tools.tool_desk import ToolDesk
from main import GUARD_SWITCH, TOOLS_SWITCH, child_command
from tests.desktop.credentials.fakes import none_found
from tests.desktop.evals.run_desk import RunDesk, suite

SERVER = Path(__file__).parents[3] / "servers" / "mcp" / "counting_server.py"
CALLED = GraderSpec(type="tool-call", value="count")
ONE_BY_ONE = SuiteLimits(concurrency=1)


def tool_suite(
    *models: str,
    words: tuple[str, ...] = ("a",),
    mode: ToolMode = ToolMode.RECORDED,
    graders: tuple[GraderSpec, ...] = (CALLED,),
    repeats: int = 1,
    servers: tuple[str, ...] = ("counter",),
) -> Suite:
    """Every model calls the tool once for every word."""
    made = suite(
        *models,
        prompts=(('count {"text": "{{word}}"}',),),
        words=words,
        graders=graders,
        repeats=repeats,
        limits=ONE_BY_ONE,
    )
    return msgspec.structs.replace(made, tools=ToolChoice(servers=servers), tool_mode=mode)


@dataclass
class ToolRuns:
    """Somebody who runs suites with tools; `log` has a line for each call that reached the server."""

    desk: RunDesk
    tools: ToolDesk
    log: Path
    kept: list[CellRecord] = field(default_factory=list[CellRecord])

    @property
    def calls(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def runner(self, *allowed: str) -> SuiteRunner:
        shared = self.desk.tools._replace(toolbox=lambda: DeskToolbox(self.tools))
        return SuiteRunner(shared, listener=self.kept.append, allowed_tools=frozenset(allowed))

    async def plan(self, asked: Suite, tools_from: str = "") -> RunRecord:
        run = new_run(asked, tools_from=tools_from)
        await self.desk.store.suite_runs.create(run)
        return run

    async def run(self, asked: Suite, *allowed: str, tools_from: str = "") -> RunRecord:
        """Execute a run to its end; `kept` has its cells then."""
        self.kept.clear()
        run = await self.plan(asked, tools_from)
        assert (await self.runner(*allowed).run(run.id)).state is RunState.COMPLETE
        return run

    @property
    def results(self) -> list[str]:
        return [each.result.text for record in self.kept for each in record.calls or ()]


@pytest_asyncio.fixture
async def runs(desk: RunDesk, tmp_path: Path) -> AsyncIterator[ToolRuns]:
    log = tmp_path / "calls.txt"
    file = ToolServerFile(tmp_path / "tools.json")
    file.change(lambda held: added(held, ToolServer(name="counter", command=(sys.executable, str(SERVER), str(log)))))
    tools = ToolDesk(
        settings=desk.settings,
        keys=Keys(service="test", environ={}, find=none_found),
        gate=GuardedGate(Scanner(child_command(GUARD_SWITCH)), Ledger(tmp_path / "spending.json"), Audit(tmp_path)),
        hide=lambda text: text,
        attachments=lambda: pytest.fail("no attachments"),
        file=file,
        command=child_command(TOOLS_SWITCH),
        logs=tmp_path / "logs",
        options=NetworkOptions(),
    )
    tools.approvals.is_attended = True  # as in the window: but nobody is asked during a run
    tools.approvals.on_change(lambda: pytest.fail("somebody was asked") if tools.approvals.pending else None)
    yield ToolRuns(desk, tools, log)
    await tools.aclose()


async def test_with_recorded_tools_a_call_is_made_once_for_all_cells_of_a_case(runs: ToolRuns) -> None:
    await runs.run(tool_suite("lab/caller", "other/caller", words=("a", "b"), repeats=3), "counter")
    assert runs.calls == 2
    assert len(runs.results) == 12
    assert len(set(runs.results)) == 2
    calls = [each for record in runs.kept for each in record.calls or ()]
    assert sum(not each.result.recorded for each in calls) == 2
    assert all(each.result.duration_ms is None for each in calls if each.result.recorded)
    assert {record.status for record in runs.kept} == {CellStatus.PASSED}


async def test_with_live_tools_each_repeat_calls_them(runs: ToolRuns) -> None:
    await runs.run(tool_suite("lab/caller", mode=ToolMode.LIVE, repeats=3), "counter/count")
    assert (runs.calls, sorted(runs.results)) == (3, ["a1", "a2", "a3"])


async def test_a_repeated_call_within_a_response_has_results_of_its_own_in_order(runs: ToolRuns) -> None:
    await runs.run(tool_suite("lab/caller:2", "other/caller:3"), "all")
    assert runs.calls == 3
    by_model = {record.key.contender: [each.result.text for each in record.calls or ()] for record in runs.kept}
    assert by_model == {0: ["a1", "a2"], 1: ["a1", "a2", "a3"]}


async def test_a_resumed_run_gets_the_results_of_its_first_part(runs: ToolRuns) -> None:
    run = await runs.plan(tool_suite("lab/caller", "other/caller", repeats=2))
    shared = runs.desk.tools._replace(toolbox=lambda: DeskToolbox(runs.tools))

    def pause(_record: CellRecord) -> None:
        first.pause()

    first = SuiteRunner(shared, listener=pause, allowed_tools=frozenset({"counter"}))
    assert (await first.run(run.id)).state is RunState.STOPPED
    assert (await runs.runner("counter").run(run.id)).state is RunState.COMPLETE
    assert runs.calls == 1
    assert len(await runs.desk.store.suite_runs.heads(run.id)) == 4


async def test_with_results_of_an_earlier_run_nothing_is_called(runs: ToolRuns) -> None:
    earlier = await runs.run(tool_suite("lab/caller", mode=ToolMode.LIVE), "counter")
    await runs.tools.host.aclose()
    later = tool_suite("other/caller", "lab/caller:2", words=("a", "b"), mode=ToolMode.LIVE, graders=())
    source = await source_run(runs.desk.store.suite_runs, earlier.id[:20], later)
    run = await runs.run(later, tools_from=source)
    assert runs.calls == 1
    assert runs.tools.host.pid == 0
    calls = {record.key[:2]: list(record.calls or ()) for record in runs.kept}
    assert [(each.result.text, each.is_unmatched) for each in calls[0, 0]] == [("a1", False)]
    assert [each.is_unmatched for each in calls[0, 1]] == [False, True]
    missing = calls[1, 0][0]
    assert (missing.result.status, missing.is_unmatched) == (ToolStatus.ERROR, True)
    assert missing.result.text.startswith("Not recorded")
    found = (await read_results(runs.desk.store, run.id)).results
    assert [(each.tool_calls, each.unmatched_calls) for each in found.contenders] == [(2, 1), (4, 3)]
    assert any("4 unmatched calls" in str(each) for each in found.notices)


async def test_an_earlier_run_must_fit_the_suite(runs: ToolRuns) -> None:
    earlier = await runs.plan(tool_suite("lab/caller", words=("a",)))
    store = runs.desk.store.suite_runs
    with pytest.raises(UsageError, match="none of the cases"):
        await source_run(store, earlier.id, tool_suite("lab/caller", words=("b",)))
    with pytest.raises(UsageError, match="has no tools"):
        await source_run(store, earlier.id, tool_suite("lab/caller", servers=()))
    run = await runs.plan(tool_suite("lab/caller"), earlier.id)
    await store.delete(earlier.id)
    with pytest.raises(UsageError, match="no longer exists"):
        await runs.runner().run(run.id)


async def test_what_was_not_allowed_before_is_denied_without_a_question(runs: ToolRuns) -> None:
    run = await runs.run(tool_suite("lab/caller", "other/caller"))
    assert runs.calls == 0
    assert {each.result.status for record in runs.kept for each in record.calls or ()} == {ToolStatus.DENIED}
    results = (await read_results(runs.desk.store, run.id)).results
    assert any("2 tool calls were denied" in str(each) for each in results.notices)
    outlook = await tool_outlook(runs.tools, tool_suite("lab/caller"))
    assert (outlook.denied, outlook.unseen) == (("counter/count",), ())
    assert any("counter/count" in str(each) for each in outlook_sentences(outlook))
    allowed = await tool_outlook(runs.tools, tool_suite("lab/caller"), allowed=frozenset({"counter/count"}))
    assert outlook_json(allowed)["denied"] == []


async def test_a_lasting_permission_counts_in_runs(runs: ToolRuns) -> None:
    opened = await runs.tools.open("counter")
    await runs.tools.allow_always(opened, opened.tools[0])
    assert (await tool_outlook(runs.tools, tool_suite("lab/caller"))).denied == ()
    await runs.run(tool_suite("lab/caller"))
    assert runs.results == ["a1"]


async def test_a_server_that_does_not_start_is_an_error_and_never_a_failure(runs: ToolRuns) -> None:
    await runs.tools.change(lambda held: added(held, ToolServer(name="gone", command=("/nonexistent/server",))))
    await runs.run(tool_suite("lab/caller", servers=("gone",)))
    (record,) = runs.kept
    assert (record.status, record.calls) == (CellStatus.ERROR, ())


async def test_unknown_and_forbidden_servers_are_named_before_the_start(runs: ToolRuns) -> None:
    asked = tool_suite("lab/caller", servers=("counter", "nowhere", "paragone"))
    outlook = await tool_outlook(runs.tools, asked)
    assert (outlook.unseen, outlook.missing) == (("counter",), ("nowhere",))
    with pytest.raises(UsageError, match="nowhere"):
        require_servers(outlook)
    entry = Fixed(TOOL_SERVERS.name, ("x",), locked=True, source="test")
    runs.desk.use(Policy(entries={TOOL_SERVERS.name: entry}))
    outlook = await tool_outlook(runs.tools, tool_suite("lab/caller"))
    with pytest.raises(PolicyForbids, match="counter"):
        require_servers(outlook)
    require_servers(await tool_outlook(runs.tools, tool_suite("lab/caller"), is_closed=True))


async def test_stored_responses_are_graded_again_with_their_calls(runs: ToolRuns) -> None:
    run = await runs.run(tool_suite("lab/caller", graders=()), "all")
    store = runs.desk.store.suite_runs
    wanted = GraderSpec(type="tool-call", value={"tool": "count", "arguments": {"text": "a"}})
    await RunRegrade(runs.desk.tools).run(run.id, [wanted, GraderSpec(type="tool-call", value="other", negated=True)])
    held = await store.cell(run.id, CellKey(0, 0, 0))
    assert [grade.passed for grade in held.grades] == [True, True]
    await store.keep(run.id, msgspec.structs.replace(held, calls=None))  # as stored by earlier versions
    await RunRegrade(runs.desk.tools).run(run.id)
    assert (await store.cell(run.id, CellKey(0, 0, 0))).status is CellStatus.UNGRADED


async def test_a_cell_opens_as_a_conversation_with_its_calls_in_their_places(runs: ToolRuns) -> None:
    asked = tool_suite("lab/caller")
    await runs.run(asked, "all")
    *_, answer = conversation_of(asked, runs.kept[0]).messages
    assert [type(part).__name__ for part in answer.parts] == ["ToolCallPart", "ToolResultPart", "TextPart"]
    assert answer.text == "Results: a1"


def message(*parts: ToolCallPart | ToolResultPart) -> Message:
    return Message(
        id="m",
        parent=None,
        role=Role.ASSISTANT,
        parts=(TextPart(text="Before."), *parts),
        status=Status.COMPLETE,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (ToolResultPart(call="1", status=ToolStatus.OK, text="x", duration_ms=12.0), "done in 12 ms"),
        (
            ToolResultPart(call="1", status=ToolStatus.OK, text="x", recorded=True),
            "done, shared with the same call in another response",
        ),
        (ToolResultPart(call="1", status=ToolStatus.DENIED), "denied"),
        (None, "no result"),
    ],
)
def test_a_call_is_a_line_and_an_object(result: ToolResultPart | None, said: str) -> None:
    arguments: dict[str, JsonValue] = {"zone": "UTC"}
    call = ToolCallPart(id="1", name="now", server="time", arguments=json.dumps(arguments))
    record = record_of(CellKey(1, 2, 0), [message(call, *((result,) if result else ()))])
    assert record.calls is not None
    held = record.calls[0]
    assert str(call_text(held)).startswith(f'time/now {{"zone": "UTC"}}: {said}')
    (told,) = cells_json([record])
    assert isinstance(told, dict)
    assert (told["case"], told["contender"], told["tool"], told["arguments"]) == (1, 2, "now", arguments)
    assert record.head.tool_calls == 1
    text, *calls = record.parts(0)
    assert (type(text).__name__, calls[0]) == ("TextPart", call)
