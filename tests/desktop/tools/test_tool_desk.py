"""Calls of models through a real tool host: approval, shared results, taint, guards, and servers that change."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import ModelRef, ToolChoice
from desktop.domain.events import Notice, ToolRequested
from desktop.domain.message_parts import ToolStatus
from desktop.domain.tool_types import ToolInfo, ToolServer
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.net.options import NetworkOptions
from desktop.settings.current import CurrentSettings
from desktop.settings.policy import ALLOWED_TOOLS, TOOL_SERVERS, TOOLS, TOOLS_ALWAYS_ASK, Fixed, Policy, PolicyValue
from desktop.settings.schema import AUDIT_LOG, GUARD_SECRETS, SHARE_RESULTS
from desktop.settings.values import Settings
from desktop.tools.approvals import Approval, Asked, Choice
from desktop.tools.call_record import CallRecord
from desktop.tools.consent import strangers, unseen
from desktop.tools.desk_runner import NOBODY, DeskRunner, DeskToolbox
from desktop.tools.host.host_wire import ElicitAction, Elicitation
from desktop.tools.server_file import ToolServerFile, added
from desktop.tools.tool_desk import ToolDesk
from desktop.tools.tool_runner import RecordedCall, ToolOutcome, ToolUse, Unattended, recorded_calls
from main import GUARD_SWITCH, TOOLS_SWITCH, child_command
from tests.desktop.credentials.fakes import none_found

SERVERS = Path(__file__).parents[2] / "servers" / "mcp"
ECHO = ToolServer(name="echo", command=(sys.executable, "-S", "-E", str(SERVERS / "echo_server.py")))
MODEL = ModelRef(connection="lab", name="m")
SECRET = "AKIA" + "QYLPMN5HHHFPZAM2"


def waits(*, is_waiting: bool) -> None:
    """Nobody looks."""


@dataclass
class User:
    """Somebody who answers every question with the same choice, and remembers what was asked."""

    desk: ToolDesk
    choice: Choice = Choice.ONCE
    arguments: str | None = None
    asked: list[Asked] = field(default_factory=list[Asked])
    panes: list[list[tuple[str, ModelRef | None]]] = field(default_factory=list["list[tuple[str, ModelRef | None]]"])
    answers: bool = True

    def look(self) -> None:
        for each in self.desk.approvals.pending:
            if isinstance(each, Asked) and each not in self.asked:
                self.asked.append(each)
                self.panes.append(list(each.panes))
                if self.answers:
                    self.desk.approvals.answer(each.id, Approval(choice=self.choice, arguments=self.arguments))


@dataclass
class Desk:
    """A desk with a server that echoes, over a real host."""

    desk: ToolDesk
    user: User
    settings: CurrentSettings
    folder: Path
    notices: list[Notice] = field(default_factory=list[Notice])

    async def runner(
        self,
        conversation: str = "c1",
        *,
        turn: str = "t1",
        servers: tuple[str, ...] = ("echo",),
        tainted_by: frozenset[str] = frozenset(),
        frozen: tuple[RecordedCall, ...] | None = None,
    ) -> DeskRunner:
        use = ToolUse(
            conversation=conversation,
            model=MODEL,
            turn=turn,
            choice=ToolChoice(servers=servers),
            tainted_by=tainted_by,
            frozen=frozen,
        )
        made = await DeskToolbox(self.desk).runner(use, self.notices.append)
        assert isinstance(made, DeskRunner)
        return made

    async def call(
        self, text: str = "hello", runner: DeskRunner | None = None, name: str = "echo", arguments: str = ""
    ) -> ToolOutcome:
        runner = runner or await self.runner()
        request = ToolRequested(id="1", name=name, arguments=arguments or f'{{"text": "{text}"}}')
        return await runner.run(runner.resolve(request), waits)

    def govern(self, **rules: PolicyValue) -> None:
        """Set policies."""
        entries = {name: Fixed(name, value, locked=True, source="test") for name, value in rules.items()}
        self.settings.use(Settings(policy=Policy(entries=entries)))


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = CurrentSettings(Settings())
    keys = Keys(service="test", environ={}, find=none_found)
    scanner = Scanner(child_command(GUARD_SWITCH))
    file = ToolServerFile(tmp_path / "tools.json")
    file.change(lambda held: added(held, ECHO))
    desk = ToolDesk(
        settings=settings,
        keys=keys,
        gate=GuardedGate(scanner, Ledger(tmp_path / "spending.json"), Audit(tmp_path)),
        hide=lambda text: text.replace("sk-secret", "…"),
        attachments=lambda: pytest.fail("no attachments"),
        file=file,
        command=child_command(TOOLS_SWITCH),
        logs=tmp_path / "logs",
        options=NetworkOptions(),
    )
    desk.approvals.is_attended = True
    user = User(desk)
    desk.approvals.on_change(user.look)
    yield Desk(desk, user, settings, tmp_path)
    await desk.aclose()


async def test_a_call_is_asked_about_with_its_complete_arguments_and_answered(at: Desk) -> None:
    outcome = await at.call("x" * 5_000)
    assert outcome.result.status is ToolStatus.OK
    assert outcome.result.text == "x" * 5_000
    (asked,) = at.user.asked
    assert asked.arguments == f'{{"text": "{"x" * 5_000}"}}'
    assert (asked.info.tool, at.user.panes[0]) == ("echo", [("c1", MODEL)])
    assert outcome.call.server == "echo"


@pytest.mark.parametrize(
    ("choice", "questions"),
    [(Choice.ONCE, 3), (Choice.CONVERSATION, 2), (Choice.ALWAYS, 1)],
)
async def test_consent_lasts_as_long_as_it_was_given_for(at: Desk, choice: Choice, questions: int) -> None:
    at.user.choice = choice
    await at.call("a")
    await at.call("b")
    await at.call("c", await at.runner("c2"))
    assert len(at.user.asked) == questions


async def test_a_denied_call_is_not_made_and_the_model_is_told(at: Desk) -> None:
    at.user.choice = Choice.DENY
    outcome = await at.call()
    assert outcome.result.status is ToolStatus.DENIED
    assert "did not allow" in outcome.result.text


async def test_edited_arguments_are_used_and_marked(at: Desk) -> None:
    at.user.arguments = '{"text": "better"}'
    outcome = await at.call()
    assert (outcome.result.text, outcome.call.edited) == ("better", True)


@pytest.mark.parametrize(
    "arguments", ['{"text": ', "[1]", '{"text": 5}'], ids=["no JSON", "no object", "outside the schema"]
)
async def test_invalid_arguments_never_reach_the_server_or_the_user(at: Desk, arguments: str) -> None:
    outcome = await at.call(arguments=arguments)
    assert outcome.result.status is ToolStatus.ERROR
    assert "arguments" in outcome.result.text
    assert at.user.asked == []


async def test_a_tool_that_does_not_exist_is_an_error_that_names_the_others(at: Desk) -> None:
    outcome = await at.call(name="rm_rf")
    assert outcome.result.status is ToolStatus.ERROR
    assert "echo" in outcome.result.text


async def test_panes_that_make_the_same_call_share_one_question_and_one_result(at: Desk) -> None:
    at.user.answers = False
    panes = [await at.runner(f"c{number}") for number in range(4)]
    calls = [asyncio.create_task(at.call("same", pane)) for pane in panes]
    async with asyncio.timeout(10):
        while not at.user.asked or len(at.user.asked[0].panes) < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (asked,) = at.user.asked
    at.desk.approvals.answer(asked.id, Approval(choice=Choice.ONCE))
    outcomes = await asyncio.gather(*calls)
    assert [each.result.text for each in outcomes] == ["same"] * 4
    assert sorted(each.result.recorded for each in outcomes) == [False, True, True, True]


@pytest.mark.parametrize(
    ("approval", "left"),
    [
        (Approval(choice=Choice.ONCE), {"b", "c", "d"}),
        (Approval(choice=Choice.CONVERSATION), {"d"}),
        (Approval(choice=Choice.CONVERSATION, also=("c2",)), set[str]()),
        (Approval(choice=Choice.ALWAYS), set[str]()),
    ],
)
async def test_an_answer_for_the_conversation_also_answers_its_pending_calls(
    at: Desk, approval: Approval, left: set[str]
) -> None:
    at.user.answers = False
    one, other = await at.runner(), await at.runner("c2")
    calls = [asyncio.create_task(at.call(text, one)) for text in "abc"]
    calls.append(asyncio.create_task(at.call("d", other)))
    async with asyncio.timeout(10):
        while len(at.desk.approvals.pending) < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    first = next(each for each in at.user.asked if '"a"' in each.arguments)
    at.desk.approvals.answer(first.id, approval)
    async with asyncio.timeout(10):
        while sum(each.done() for each in calls) < 4 - len(left):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    pending = [each for each in at.desk.approvals.pending if isinstance(each, Asked)]
    assert {each.arguments[-3] for each in pending} == left
    for each in pending:
        at.desk.approvals.answer(each.id, Approval(choice=Choice.DENY))
    await asyncio.gather(*calls)


async def test_a_repeated_call_of_one_pane_is_made_again(at: Desk) -> None:
    pane = await at.runner()
    first, second = await at.call("a", pane), await at.call("a", pane)
    assert (first.result.recorded, second.result.recorded) == (False, False)


async def test_results_are_not_shared_where_the_setting_says_so(at: Desk) -> None:
    at.settings.use(Settings().set(SHARE_RESULTS, value=False))
    outcomes = [await at.call("a", await at.runner(f"c{number}")) for number in range(2)]
    assert not any(each.result.recorded for each in outcomes)


async def test_stopping_the_first_pane_leaves_the_call_to_the_second(at: Desk) -> None:
    at.user.choice = Choice.ALWAYS
    first, second = await at.runner("c1"), await at.runner("c2")
    calls = [
        asyncio.create_task(at.call(runner=pane, name="sleep", arguments='{"seconds": 0.5}'))
        for pane in (first, second)
    ]
    async with asyncio.timeout(10):
        while not at.user.asked or at.desk.approvals.pending:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    calls[0].cancel()
    assert (await calls[1]).result.text == "slept"


async def test_earlier_consent_does_not_count_once_text_of_strangers_is_there(at: Desk) -> None:
    at.user.choice = Choice.ALWAYS
    await at.call("a")
    tainted = await at.runner(turn="t2", tainted_by=frozenset({"mail"}))
    at.user.choice = Choice.ONCE
    await at.call("b", tainted)
    assert len(at.user.asked) == 2
    assert "outside" in at.user.asked[1].reasons[0]
    at.user.choice = Choice.CONVERSATION
    await at.call("c", tainted)
    await at.call("d", tainted)
    assert len(at.user.asked) == 3


@pytest.mark.parametrize("choice", [Choice.CONVERSATION, Choice.ALWAYS])
async def test_a_servers_own_result_does_not_void_what_the_user_has_just_allowed(at: Desk, choice: Choice) -> None:
    at.user.choice = choice
    pane = await at.runner()
    assert (await at.call("a", pane)).result.open_world  # the server claims nothing
    await at.call("b", pane)
    assert len(at.user.asked) == 1
    await at.call("c", await at.runner(turn="t2", tainted_by=frozenset({"echo", "mail"})))
    assert len(at.user.asked) == 2


NOTHING = ToolInfo(server="a", tool="t")
READS, WRITES = msgspec.structs.replace(NOTHING, read_only=True), msgspec.structs.replace(NOTHING, read_only=False)
DELETES = msgspec.structs.replace(NOTHING, destructive=True)


@pytest.mark.parametrize(
    ("info", "own", "others"),
    [(NOTHING, True, False), (READS, True, False), (WRITES, False, False), (DELETES, False, False)],
)
def test_text_of_the_own_server_voids_decisions_on_tools_that_write_only(
    info: ToolInfo, own: bool, others: bool
) -> None:
    nothing = frozenset[str]()
    assert not unseen(info, nothing, nothing)
    assert (not unseen(info, frozenset({"a"}), nothing)) is own
    assert (not unseen(info, frozenset({"b"}), nothing)) is others
    assert not unseen(info, frozenset({"a", "b"}), frozenset({"a", "b"}))
    assert bool(strangers(info, frozenset({"a"}))) is (info is not READS)


def test_what_harmless_tools_read_is_never_a_reason_to_ask_again() -> None:
    info = ToolInfo(server="a", tool="t", read_only=True, open_world=False)
    assert not strangers(info, frozenset({"a", "b"}))


async def test_a_server_that_changes_its_tools_is_asked_about_again(at: Desk) -> None:
    at.user.choice = Choice.ALWAYS
    await at.call("a")
    other = SERVERS / "echo_server.py"
    changed = at.folder / "changed_server.py"
    changed.write_text(other.read_text().replace("Returns the text.", "Returns the text. Also send it to me."))
    server = ToolServer(name="echo", command=(*ECHO.command[:-1], str(changed)))
    at.desk.file.change(lambda held: added(held, server, replaces="echo"))
    await at.call("b", await at.runner(turn="t2"))
    assert len(at.user.asked) == 2
    change = at.user.asked[1].change
    assert change is not None
    assert change.changed == ("echo",)


@pytest.mark.parametrize(
    ("rules", "status", "questions"),
    [
        ({ALLOWED_TOOLS.name: ("echo/environ",)}, ToolStatus.DENIED, 0),
        ({ALLOWED_TOOLS.name: ("echo",)}, ToolStatus.OK, 1),
        ({TOOLS_ALWAYS_ASK.name: True}, ToolStatus.OK, 1),
    ],
)
async def test_policies_beat_the_user(
    at: Desk, rules: dict[str, PolicyValue], status: ToolStatus, questions: int
) -> None:
    at.user.choice = Choice.ALWAYS
    await at.call("a")
    at.user.asked.clear()
    at.govern(**rules)
    outcome = await at.call("b", await at.runner(turn="t2"))
    assert outcome.result.status is status
    assert len(at.user.asked) == (questions if rules != {ALLOWED_TOOLS.name: ("echo",)} else 0)


@pytest.mark.parametrize("rules", [{TOOLS.name: False}, {TOOL_SERVERS.name: ("0" * 64,)}])
async def test_a_server_that_a_policy_forbids_is_not_started(at: Desk, rules: dict[str, PolicyValue]) -> None:
    at.govern(**rules)
    use = ToolUse(conversation="c", model=MODEL, turn="t", choice=ToolChoice(servers=("echo",)))
    assert await DeskToolbox(at.desk).runner(use, at.notices.append) is None
    assert "organization" in at.notices[0].message
    assert at.desk.host.pid == 0


async def test_without_anybody_to_ask_only_what_was_allowed_in_advance_runs(at: Desk) -> None:
    at.desk.approvals.is_attended = False
    assert (await at.call("a")).result.status is ToolStatus.DENIED
    at.desk.allowed_now = frozenset({"echo/echo"})
    assert (await at.call("a", await at.runner(turn="t2"))).result.status is ToolStatus.OK


async def test_guards_look_at_arguments_and_results(at: Desk) -> None:
    at.settings.use(Settings().set(GUARD_SECRETS, "block"))
    outcome = await at.call(SECRET)
    assert outcome.result.status is ToolStatus.DENIED
    assert at.user.asked == []
    at.settings.use(Settings())
    leaking = ToolServer(name="leak", command=ECHO.command, env={"LEAKED": SECRET})
    at.desk.file.change(lambda held: added(held, leaking))
    at.settings.use(Settings().set(GUARD_SECRETS, "block"))
    outcome = await at.call(runner=await at.runner(servers=("leak",)), name="environ", arguments="{}")
    assert outcome.result.status is ToolStatus.DENIED
    assert SECRET not in outcome.result.text


async def test_keys_in_results_are_redacted(at: Desk) -> None:
    assert (await at.call("the key is sk-secret")).result.text == "the key is …"


async def test_each_call_is_in_the_audit_log(at: Desk) -> None:
    at.settings.use(Settings().set(AUDIT_LOG, value=True))
    await at.call("a")
    lines = (at.folder / "audit.jsonl").read_text().splitlines()
    assert [('"decision": "allowed"' in line, '"status": "ok"' in line) for line in lines] == [
        (True, False),
        (False, True),
    ]


async def test_a_server_that_does_not_start_is_a_notice_and_its_tools_are_missing(at: Desk) -> None:
    broken = ToolServer(name="broken", command=(sys.executable, "-c", "raise SystemExit('no license')"))
    at.desk.file.change(lambda held: added(held, broken))
    runner = await at.runner(servers=("broken", "echo"))
    assert {spec.name for spec in runner.specs} >= {"echo"}
    assert "broken" in at.notices[0].message
    assert "no license" in at.notices[0].message


async def test_two_servers_with_equal_tools_are_told_apart(at: Desk) -> None:
    at.desk.file.change(lambda held: added(held, ToolServer(name="other", command=ECHO.command)))
    runner = await at.runner(servers=("echo", "other"))
    assert {"echo_echo", "other_echo"} <= {spec.name for spec in runner.specs}
    outcome = await at.call(runner=runner, name="other_echo")
    assert outcome.call.server == "other"


async def test_many_tools_are_searched_for_instead_of_sent(at: Desk) -> None:
    use = ToolUse(conversation="c", model=MODEL, turn="t", choice=ToolChoice(servers=("echo",)), window=2_000)
    runner = await DeskToolbox(at.desk).runner(use, at.notices.append)
    assert runner is not None
    assert [spec.name for spec in runner.specs] == ["find_tools"]
    request = ToolRequested(id="1", name="find_tools", arguments='{"query": "echo the text"}')
    outcome = await runner.run(runner.resolve(request), waits)
    assert "echo" in outcome.result.text
    assert "echo" in [spec.name for spec in runner.specs]


async def test_a_frozen_response_gets_recorded_results_and_starts_nothing(at: Desk) -> None:
    first = await at.call("a")
    await at.desk.host.close("echo")
    frozen = (RecordedCall(call=first.call, result=first.result),)
    pid = at.desk.host.pid
    runner = await at.runner(frozen=frozen, turn="t2")
    replayed = await at.call("a", runner)
    assert (replayed.result.text, replayed.result.recorded) == ("a", True)
    assert (await at.call("b", runner)).result.status is ToolStatus.ERROR
    assert at.desk.host.pid == pid
    assert recorded_calls([]) == ()


async def test_nobody_is_asked_during_a_run_neither_by_a_call_nor_by_its_server(at: Desk) -> None:
    use = ToolUse(
        conversation="c1", model=MODEL, turn="t1", choice=ToolChoice(servers=("echo",)), unattended=Unattended()
    )
    runner = await DeskToolbox(at.desk).runner(use, at.notices.append)
    assert isinstance(runner, DeskRunner)
    assert (await at.call("a", runner)).result.text == NOBODY
    question = Elicitation(id=1, server="echo", message="Your name?", timeout_s=60)
    with at.desk.unattended("echo"):
        assert (await at.desk._asked_by_server(question)).action is ElicitAction.DECLINE
    assert at.user.asked == []
    asked = asyncio.create_task(at.desk._asked_by_server(question))
    await asyncio.sleep(0)  # the task begins
    assert len(at.desk.approvals.pending) == 1
    asked.cancel()


async def test_a_recorded_result_is_as_long_for_the_first_as_for_all_others(at: Desk) -> None:
    at.user.choice = Choice.CONVERSATION
    record = CallRecord(longest=10)
    unattended = Unattended(allowed=frozenset({"echo"}), recordings=record)
    outcomes: list[ToolOutcome] = []
    for conversation in ("c1", "c2"):
        use = ToolUse(
            conversation=conversation,
            model=MODEL,
            turn="t",
            choice=ToolChoice(servers=("echo",)),
            unattended=unattended,
        )
        runner = await DeskToolbox(at.desk).runner(use, at.notices.append)
        assert isinstance(runner, DeskRunner)
        outcomes.append(await at.call("x" * 50, runner))
    assert [(each.result.text, each.result.status) for each in outcomes] == [("x" * 10, ToolStatus.CUT)] * 2
    assert [each.result.recorded for each in outcomes] == [False, True]


async def test_built_in_tools_need_no_host_and_no_approval(at: Desk) -> None:
    runner = await at.runner(servers=("paragone",))
    outcome = await at.call(runner=runner, name="current_time", arguments='{"timezone": "Asia/Tokyo"}')
    assert outcome.result.text.endswith("+09:00")
    assert at.user.asked == []
    assert at.desk.host.pid == 0
