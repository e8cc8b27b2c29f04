"""`chat` in one process: its commands, and how it goes on after answers that break off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from desktop.domain.conversation_types import Conversation, Parameters, Status
from desktop.domain.events import Notice, TextDelta
from desktop.errors import ConnectionUnknown, PromptFlagged, ServerFailed
from desktop.guards.gate import OutgoingTexts
from desktop.session.session import new_conversation
from desktop.settings.values import Settings
from desktop.terminal.chat_command import TerminalChat
from desktop.terminal.prompt_lines import TypedPrompts
from desktop.text.phrases import english
from tests.desktop.session.fakes import REF, said
from tests.desktop.store import made
from tests.desktop.terminal.conftest import Desk, type_in

BROKEN = [TextDelta(text="half"), ServerFailed(english("The server failed."))]


class Typed:
    """Prompts of a script; an exception is raised in its place."""

    def __init__(self, lines: Sequence[str | type[BaseException]]) -> None:
        self._lines = [*lines]

    async def next(self) -> str | None:
        line = self._lines.pop(0) if self._lines else None
        if isinstance(line, type):
            raise line
        return line

    async def answer(self, label: str, text: str = "") -> str | None:
        return await self.next()


async def chat(desk: Desk, *lines: str | type[BaseException]) -> int:
    chatting = TerminalChat(desk.services, await desk.services.store(), new_conversation(REF))
    await chatting.greet()
    return await chatting.run(Typed(lines))


async def kept(desk: Desk) -> list[Conversation]:
    """What is in the store, the newest first."""
    conversations = (await desk.services.store()).conversations
    return [await conversations.get(each.id) for each in await conversations.list()]


async def test_each_prompt_goes_with_what_was_said_before(desk: Desk) -> None:
    desk.provider.scripts = [said("one"), said("two")]
    assert await chat(desk, "a", "", "   ", "b", "/quit", "c") == 0
    assert [message.text for message in desk.provider.requests[1].messages] == ["a", "one", "b"]
    assert len(desk.provider.requests) == 2
    assert desk.out == "one\n\ntwo\n\n"


async def test_lines_of_a_pipe_are_prompts_and_its_end_is_the_chats(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "a", "/help")
    desk.provider.scripts = [said("one")]
    assert await desk.run("chat", "--model", "lab/scripted") == 0
    assert desk.out == "one\n\n"
    assert "/retry" in desk.err


class Guard:
    """A gate that holds back what seems to hold a key."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: object = None) -> tuple[Notice, ...]:
        del settings, stored
        if "key" in outgoing.texts[-1]:
            raise PromptFlagged(english("The prompt seems to hold an API key."))
        return ()

    async def cost(self, usd: float, settings: Settings) -> None:
        del usd, settings


async def test_a_prompt_that_a_guard_holds_back_is_in_no_file_of_what_was_typed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.services.gateway, "_gate", Guard())
    desk.provider.scripts = [said("one")]
    file = desk.services.paths.prompt_history_file
    typed = TypedPrompts(file, lambda: "> ").history
    for line in ("hello", "my key is sk-0123"):  # as the terminal keeps them before they are looked at
        typed.append_string(line)
    assert await chat(desk, "hello", "my key is sk-0123") == 1
    assert "sk-0123" not in file.read_text()
    assert "hello" in file.read_text()
    assert "my key is sk-0123" in typed.get_strings()


async def test_an_unknown_connection_is_refused_before_the_first_prompt(desk: Desk) -> None:
    with pytest.raises(ConnectionUnknown):
        await desk.run("chat", "--model", "nowhere/x")


async def test_retry_answers_the_last_prompt_beside_the_answer_there_is(desk: Desk) -> None:
    desk.provider.scripts = [said("one"), said("two")]
    assert await chat(desk, "a", "/retry") == 0
    (conversation,) = await kept(desk)
    assert [message.text for message in conversation.path()] == ["a", "two"]
    assert {message.text for message in conversation.messages} == {"a", "one", "two"}


async def test_continue_goes_on_with_what_broke_off_and_keeps_its_beginning(desk: Desk) -> None:
    desk.provider.scripts = [BROKEN, said(" a loaf")]
    assert await chat(desk, "a", "/continue") == 1
    assert "/continue resumes it, /retry sends the prompt again." in desk.err
    (conversation,) = await kept(desk)
    assert conversation.path()[-1].text == "half a loaf"
    assert conversation.path()[-1].status is Status.COMPLETE


@pytest.mark.parametrize("line", ["/retry", "/continue", "/model", "/model nowhere/x"])
async def test_a_command_that_cannot_be_is_an_error_and_the_chat_goes_on(desk: Desk, line: str) -> None:
    desk.provider.scripts = [said("one")]
    assert await chat(desk, line, "a") == 1
    assert desk.out == "one\n\n"


async def test_a_mistyped_command_is_not_sent_and_a_blank_in_front_sends_it(desk: Desk) -> None:
    desk.provider.scripts = [said("one")]
    assert await chat(desk, "/nwe", " /nwe", "/etc/hosts?") == 0
    assert [request.messages[-1].text for request in desk.provider.requests] == [" /nwe", "/etc/hosts?"]
    assert "There is no command /nwe." in desk.err


async def test_the_system_prompt_holds_from_the_next_prompt_on_and_is_kept(desk: Desk) -> None:
    desk.provider.scripts = [said("one")]
    assert await chat(desk, "a", "/system Be brief.", "b", "/system", "c") == 0
    first, second, third = desk.provider.requests
    assert first.messages[0].text == third.messages[0].text == "a"
    assert second.messages[0].text == "Be brief."
    assert (await kept(desk))[0].system == ""


async def test_another_model_and_new_begin_other_conversations_with_the_same_system_prompt(desk: Desk) -> None:
    desk.provider.scripts = [said("one")]
    assert await chat(desk, "/system Be brief.", "a", "/model lab/other", "b", "/new", "c") == 0
    assert sorted((each.model.name, each.messages[0].text) for each in await kept(desk)) == [
        ("other", "b"),
        ("other", "c"),
        ("scripted", "a"),
    ]
    assert all(request.messages[0].text == "Be brief." for request in desk.provider.requests)


async def test_ctrl_c_at_the_prompt_is_no_end_where_the_line_editor_takes_it(desk: Desk) -> None:
    desk.provider.scripts = [said("one")]
    assert await chat(desk, KeyboardInterrupt, "a") == 0
    assert desk.out == "one\n\n"


async def test_ctrl_c_stops_the_answer_and_a_second_one_the_chat(desk: Desk) -> None:
    stopped = asyncio.Event()

    class Waiting(Typed):
        async def next(self) -> str | None:
            line = await super().next()
            if line is None:
                stopped.set()
                await asyncio.Event().wait()
            return line

    desk.provider.scripts = [[TextDelta(text="half"), None]]
    made = TerminalChat(desk.services, await desk.services.store(), new_conversation(REF))
    running = asyncio.create_task(made.run(Waiting(["a"])))
    await desk.provider.waiting.wait()
    made.interrupt()
    await stopped.wait()
    made.interrupt()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await kept(desk))[0].path()[-1].status is Status.STOPPED


async def quit_in_mid_answer(desk: Desk) -> None:
    """A run that ended while the answer to `a` was being made."""
    desk.provider.scripts = [[TextDelta(text="half"), None]]
    running = asyncio.create_task(chat(desk, "a"))
    await desk.provider.waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    desk.provider.scripts = [said(" a loaf")]
    desk.look()


async def test_what_broke_off_in_another_run_is_offered_and_gone_on_with(desk: Desk) -> None:
    await quit_in_mid_answer(desk)
    assert await chat(desk, "/continue") == 0
    assert "The last response in “a” was interrupted: /continue resumes it." in desk.err
    assert "\nYou:\na\n" in desk.out
    (conversation,) = await kept(desk)
    assert conversation.path()[-1].text == "half a loaf"


@pytest.mark.parametrize("line", ["b", "/new", "/model lab/other"])
async def test_the_offer_ends_when_something_else_is_begun(desk: Desk, line: str) -> None:
    await quit_in_mid_answer(desk)
    assert await chat(desk, line, "/continue") == 1
    assert "The last response was not interrupted." in desk.err


async def brought(desk: Desk) -> None:
    """An imported conversation whose last answer broke off."""
    store = await desk.services.store()
    question = made.prompt("a")
    half = made.finished(made.answer(question), "half", Status.INTERRUPTED)
    held = [msgspec.structs.replace(each, imported=True) for each in (question, half)]
    talk = made.conversation(*held, title="a")
    await store.conversations.create(
        msgspec.structs.replace(talk, model=REF, parameters=Parameters(values={"temperature": 0.5}))
    )


async def test_an_imported_answer_is_gone_on_with_only_after_what_that_means_was_allowed(desk: Desk) -> None:
    await brought(desk)
    desk.provider.scripts = [said(" a loaf")]
    assert await chat(desk, "/allow", "/continue", "/continue") == 1
    assert "The response was imported: /continue asks before it is sent." in desk.err
    assert "There is nothing to allow." in desk.err
    assert "This response was imported. If you continue it," in desk.err
    assert desk.provider.requests == []
    desk.look()
    assert await chat(desk, "/continue", "/allow", "/continue", "/allow", "/continue") == 1
    assert "was imported with parameters that are sent with every prompt: temperature = 0.5." in desk.err
    (request,) = desk.provider.requests
    assert request.parameters.values == {"temperature": 0.5}
    (conversation,) = await kept(desk)
    assert conversation.path()[-1].text == "half a loaf"
