"""Questions about tool calls in the terminal chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Sequence
from io import StringIO
from typing import TypeVar

import pytest

from desktop.domain.tool_types import ToolInfo, ToolServer
from desktop.terminal.approval_prompts import ApprovalPrompts
from desktop.terminal.console import Console
from desktop.text.phrases import english
from desktop.tools.approvals import Approval, Approvals, Asked, Choice
from desktop.tools.host.host_wire import ElicitAction, Elicitation

T = TypeVar("T")
SERVER = ToolServer(name="files", command=("serve", "--all"))
INFO = ToolInfo(server="files", tool="delete", destructive=True)


class Answers:
    """Answers of a script; an exception is raised in its place, and without any the user thinks for ever."""

    def __init__(self, lines: Sequence[str | type[BaseException] | None]) -> None:
        self._lines = [*lines]
        self.texts: list[str] = []

    async def next(self) -> str | None:
        raise AssertionError("a prompt is read as an answer")

    async def answer(self, label: str, text: str = "") -> str | None:
        self.texts.append(text)
        if not self._lines:
            await asyncio.Event().wait()
        line = self._lines.pop(0)
        if isinstance(line, type):
            raise line
        return line


class User:
    """Somebody at a terminal, with the calls that wait for approval."""

    def __init__(self, *lines: str | type[BaseException] | None) -> None:
        self.approvals, self.answers, self.err = Approvals(), Answers(lines), StringIO()
        self.stopped = 0
        console = Console(StringIO(), self.err, environ={})
        self.prompts = ApprovalPrompts(console, self.approvals, self.answers, self._stop)

    def _stop(self) -> None:
        self.stopped += 1

    async def during(self, work: Awaitable[T]) -> T:
        asking = asyncio.create_task(self.prompts.run())
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(5):
                return await work
        finally:
            asking.cancel()
            await asyncio.wait({asking})
            assert not self.approvals.is_attended

    async def asked(self, arguments: str = '{"path": "/"}', *, result: str = "") -> Approval | None:
        reasons = (english("The server has changed since you allowed this tool."),)
        asked = Asked(
            id=self.approvals.new_id(), server=SERVER, info=INFO, arguments=arguments, result=result, reasons=reasons
        )
        return await self.during(self.approvals.ask(asked))


@pytest.mark.parametrize(
    ("line", "choice"),
    [("a", Choice.ONCE), (" C ", Choice.CONVERSATION), ("always", Choice.ALWAYS), ("d", Choice.DENY)],
)
async def test_each_answer_is_a_choice(line: str, choice: Choice) -> None:
    assert await User(line).asked() == Approval(choice=choice)


async def test_server_claims_reasons_and_all_arguments_are_shown_before_the_question() -> None:
    user = User("d")
    arguments = json.dumps({"text": "x" * 100_000 + "\x1b[2J\u202e"}, ensure_ascii=False)
    await user.asked(arguments)
    said = user.err.getvalue()
    assert "x" * 100_000 in said
    assert "\\u202e" in said
    assert "serve --all" in said
    assert "The server claims: destructive." in said
    assert "has changed since" in said


async def test_other_lines_are_no_answer_and_the_end_of_the_input_denies() -> None:
    user = User("yes", "", "what?", None)
    assert await user.asked() == Approval(choice=Choice.DENY)
    assert len(user.answers.texts) == 4


async def test_edited_arguments_are_shown_again_and_used() -> None:
    user = User("e", "no JSON", "e", '{"path": "/tmp"}', "a")
    assert await user.asked() == Approval(choice=Choice.ONCE, arguments='{"path": "/tmp"}')
    assert user.answers.texts[1] == '{"path": "/"}'
    assert user.err.getvalue().count('{"path": "/tmp"}') == 1


async def test_ctrl_c_denies_and_stops() -> None:
    user = User(KeyboardInterrupt)
    assert await user.asked() == Approval(choice=Choice.DENY)
    assert user.stopped == 1


async def test_a_result_is_sent_or_withheld() -> None:
    assert await User("c", "a").asked(result="a key") == Approval(choice=Choice.ONCE)
    assert await User("d").asked(result="a key") == Approval(choice=Choice.DENY)


async def test_a_call_that_no_longer_waits_is_not_asked_about_any_more() -> None:
    user = User("nothing yet")

    async def work() -> Approval | None:
        first = asyncio.create_task(
            user.approvals.ask(Asked(id=user.approvals.new_id(), server=SERVER, info=INFO, arguments="{}"))
        )
        while len(user.answers.texts) < 2:  # noqa: ASYNC110 - the user is being asked
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
        user.answers._lines.append("a")
        return await user.approvals.ask(Asked(id=user.approvals.new_id(), server=None, info=INFO, arguments="{}"))

    assert await user.during(work()) == Approval(choice=Choice.ONCE)


def question(**fields: str) -> Elicitation:
    return Elicitation(id=1, server="files", message="Who are you?", timeout_s=60, **fields)


async def test_an_address_is_shown_in_full_with_a_warning_and_can_be_declined() -> None:
    user = User("n")
    answer = await user.during(user.approvals.ask_question(question(url="https://xn--pple-43d.com/x?y=1")))
    assert answer.action is ElicitAction.DECLINE
    assert "https://xn--pple-43d.com/x?y=1" in user.err.getvalue()
    assert "may look like others" in user.err.getvalue()


async def test_a_form_is_filled_in_line_by_line() -> None:
    fields = {"name": {"type": "string"}, "age": {"type": "integer"}, "note": {"type": "string"}}
    schema = json.dumps({"type": "object", "properties": fields, "required": ["name", "age"]})
    user = User("y", "", "Ada", "old", "36", "")
    answer = await user.during(user.approvals.ask_question(question(schema=schema)))
    assert answer.action is ElicitAction.ACCEPT
    assert json.loads(answer.content) == {"name": "Ada", "age": 36}
