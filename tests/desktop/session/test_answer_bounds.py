"""Bounds of one answer: its size, and its notices, whatever the server sends."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec
import pytest

from desktop.domain.conversation_types import LONGEST_SYSTEM, MOST_MESSAGE_BYTES, Status
from desktop.domain.events import Event, Finished, Notice, ReasoningDelta, StreamEvent, TextDelta
from desktop.errors import UsageError
from desktop.providers.provider import ChatRequest
from tests.desktop.session.fakes import MemoryJournal, ScriptedProvider, session

MEGABYTE = 1 << 20


def notice(number: int) -> Notice:
    return Notice(code="content_filter", message=f"The content filter marked {number}.")


async def notices(*events: StreamEvent) -> list[str]:
    """The notices of an answer with these events, as they are passed on."""
    heard: list[Event] = []
    one = session(ScriptedProvider([[*events, TextDelta(text="a"), Finished(reason="stop")]]), MemoryJournal())
    await one.ask("hello", heard.append)
    return [event.message for event in heard if isinstance(event, Notice)]


async def test_ten_distinct_notices_are_passed_on_and_the_others_counted() -> None:
    heard = await notices(*(notice(number) for number in range(20_000)))
    assert heard == [
        *(notice(number).message for number in range(10)),
        "The server sent 19,990 more notices.",
    ]


async def test_what_was_said_before_is_not_said_again() -> None:
    assert await notices(*[notice(1)] * 50, *[notice(2)] * 50) == [notice(1).message, notice(2).message]


async def test_ten_notices_are_all_there_are() -> None:
    assert await notices(*map(notice, range(10))) == [notice(number).message for number in range(10)]
    assert (await notices(*map(notice, range(11))))[10:] == ["The server sent one more notice."]


class Endless(ScriptedProvider):
    """Sends megabytes without an end, and counts them."""

    sent = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        while True:
            self.sent += 1
            yield TextDelta(text="x" * MEGABYTE) if self.sent % 2 else ReasoningDelta(text="é" * (MEGABYTE // 2))


async def test_an_answer_that_grows_without_end_is_ended_and_what_came_is_kept() -> None:
    provider, journal = Endless(), MemoryJournal()
    answer = await session(provider, journal).ask("hello")
    assert answer.problem is not None
    assert (answer.status, answer.problem.code) == (Status.FAILED, "answer_too_large")
    assert "16 MB" in answer.problem.message
    assert len((answer.text + answer.reasoning).encode()) == MOST_MESSAGE_BYTES
    assert provider.sent == 17
    assert journal.finished == [answer]


@pytest.mark.parametrize("more", [MEGABYTE, MEGABYTE + 1])
async def test_what_an_answer_goes_on_from_counts_too(more: int) -> None:
    begun = [*[TextDelta(text="x" * MEGABYTE)] * 15]
    one = session(ScriptedProvider([begun, [TextDelta(text="y" * more), Finished(reason="stop")]]), MemoryJournal())
    await one.ask("hello")
    assert (await one.continue_()).status is (Status.COMPLETE if more == MEGABYTE else Status.FAILED)


async def test_a_prompt_that_its_own_export_could_not_bring_back_is_refused() -> None:
    journal = MemoryJournal()
    one = session(ScriptedProvider([[TextDelta(text="a"), Finished(reason="stop")]]), journal)
    for text in ("x" * (MOST_MESSAGE_BYTES + 1), "ü" * (MOST_MESSAGE_BYTES // 2 + 1)):
        with pytest.raises(UsageError, match="The prompt is larger than 16 MB"):
            await one.ask(text)
    one.conversation = msgspec.structs.replace(one.conversation, system="x" * (LONGEST_SYSTEM + 1))
    with pytest.raises(UsageError, match="The system prompt is larger than 4 MB"):
        await one.ask("hello")
    assert not one.conversation.messages
    one.conversation = msgspec.structs.replace(one.conversation, system="")
    assert (await one.ask("x" * MOST_MESSAGE_BYTES)).status is Status.COMPLETE
