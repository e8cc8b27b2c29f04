"""Answers that go on while another conversation is shown, and what the pane says of those that are."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from desktop.domain.conversation_types import Usage
from desktop.domain.events import Finished, Notice, Progress, ReasoningDelta, RetryWait, Started, TextDelta, UsageUpdate
from desktop.errors import AuthenticationFailed, ContextTooLong, KeyUnset, RateLimited, ServerFailed
from desktop.services import Services
from desktop.text.phrases import english
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.pane.conftest import saves, sent, talk
from ui.pane.figures_line import FiguresLine


def figures(driver: Driver) -> str:
    """What the line of figures says to a screen reader."""
    return driver.find(FiguresLine, "Figures").accessibleDescription()


async def half(driver: Driver, text: str = "One?") -> str:
    """Ask something that is answered half; the id of the conversation."""
    driver.ask(text)
    await driver.until(lambda: driver.messages() and "Half" in driver.messages()[-1])
    return driver.window.pane.conversation_id


async def test_an_answer_goes_on_while_another_chat_is_shown(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    other = await talk(services, ("Sky?", "Blue."))
    provider.scripts = [[TextDelta(text="Half"), 0.1, *said(" and half.")]]
    first = await half(driver)
    await driver.open(other)
    assert driver.sees("Send")
    assert not driver.sees("Stop")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert len(driver.messages()) == 2
    assert "Blue." in driver.messages()[-1]
    await driver.open(await (await services.store()).conversations.get(first))
    assert "Half and half." in driver.messages()[-1]


async def test_what_came_meanwhile_is_there_when_one_comes_back(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    other = await talk(services, ("Sky?", "Blue."))
    provider.scripts = [[TextDelta(text="Half"), 0.05, TextDelta(text=" and more"), None]]
    first = await half(driver)
    await driver.open(other)
    driver.window.desk.open_conversation(first)
    await driver.until(lambda: "Half and more" in driver.messages()[-1])
    assert driver.sees("Stop")
    driver.push("Stop")
    await driver.until(lambda: driver.sees("Send"))


async def test_esc_stops_only_the_answer_that_is_shown(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    other = await talk(services, ("Sky?", "Blue."))
    provider.scripts = [[TextDelta(text="Half"), None]]
    await half(driver)
    await driver.open(other)
    driver.editor.setFocus()
    driver.press("Esc")
    assert provider.cancelled == 0
    assert driver.window.workspace.is_answering


async def test_two_chats_answer_at_once_and_each_has_its_own_text(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), 0.15, *said(" and half.")], [TextDelta(text="The other."), None]]
    first = await half(driver)
    driver.press("Ctrl+N")
    driver.ask("Two?")
    await driver.until(lambda: driver.messages() and driver.messages()[-1] == "The other.")
    assert sent(provider) == ["One?", "Two?"]
    saved = saves(driver)
    await driver.until(lambda: first in saved)
    assert driver.messages()[-1] == "The other."
    driver.window.desk.open_conversation(first)
    await driver.until(lambda: driver.messages()[-1] == "Half and half.")


async def test_figures_are_seen_once_there_is_an_answer_and_go_with_it(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [
        [TextDelta(text="Yes."), UsageUpdate(usage=Usage(input_tokens=9, output_tokens=231)), Finished(reason="stop")]
    ]
    assert not driver.sees("Figures")
    await driver.answered("Hello?")
    assert "231 tokens" in figures(driver)
    driver.press("Ctrl+N")
    assert not driver.sees("Figures")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Started(), "waiting · 0 s"),
        (Progress(fraction=0.4), "reading prompt · 40%"),
        (TextDelta(text="Half"), "0 s"),
        (ReasoningDelta(text="Hm."), "0 s"),
    ],
)
async def test_it_says_what_is_waited_for(
    driver: Driver, provider: ScriptedProvider, event: Started | Progress | TextDelta | ReasoningDelta, words: str
) -> None:
    provider.scripts = [[event, None]]
    driver.ask("Hello?")
    await driver.until(lambda: driver.sees("Figures") and words in figures(driver))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("length", "The response reached its maximum length."),
        ("content_filter", "The content filter stopped the response."),
    ],
)
async def test_an_answer_that_ended_otherwise_says_so(
    driver: Driver, provider: ScriptedProvider, reason: str, words: str
) -> None:
    provider.scripts = [said("Half", reason=reason)]
    await driver.answered("Hello?")
    assert driver.messages()[-1] == f"Half\n{words}"


async def test_a_stopped_answer_says_so(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), None]]
    await half(driver)
    driver.push("Stop")
    await driver.until(lambda: driver.messages()[-1] == "Half\nStopped.")


async def test_a_wait_that_the_server_asks_for_is_said_with_the_answer_and_can_be_cut_short(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[RetryWait(wait_s=70, attempt=1, reason="Too many requests."), None]]
    driver.ask("Hello?")
    await driver.until(lambda: "Too many requests" in driver.said())
    assert "Too many requests." in driver.messages()[-1]
    assert "Nothing is lost" in driver.said()
    (retry,) = (each for each in driver.window.findChildren(QPushButton) if each.text().startswith("Retry in "))
    driver.click(retry)
    hurry = provider.requests[-1].hurry
    assert hurry is not None
    assert hurry.is_set()


async def test_a_wait_is_still_said_when_one_comes_back(
    driver: Driver, provider: ScriptedProvider, services: Services
) -> None:
    other = await talk(services, ("Sky?", "Blue."))
    provider.scripts = [[RetryWait(wait_s=70, attempt=1, reason="Too many requests."), None]]
    driver.ask("Hello?")
    await driver.until(lambda: "Too many requests" in driver.said())
    first = driver.window.pane.conversation_id
    await driver.open(other)
    driver.window.desk.open_conversation(first)
    await driver.until(lambda: "Too many requests." in driver.messages()[-1])
    assert any(each.text().startswith("Retry in ") for each in driver.window.findChildren(QPushButton))


async def test_what_concerns_the_store_is_said_above_the_field_and_can_be_dismissed(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[Notice(code="store_full", message=english("The disk is full.")), *said("Yes.")]]
    await driver.answered("Hello?")
    assert driver.notices == ["The disk is full."]
    driver.push("Dismiss")
    assert driver.notices == []


async def test_an_error_is_said_where_the_answer_would_be_and_retried(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[ServerFailed(english("The server failed: it hiccups (500)."))], said("Now.")]
    await driver.answered("Hello?")
    assert "The server failed" in driver.said()
    assert figures(driver) == "failed"
    driver.push("Retry")
    await driver.until(lambda: "Now." in driver.messages()[-1])
    assert "The server failed" not in driver.said()
    assert sent(provider) == ["Hello?", "Hello?"]


async def test_details_of_an_error_are_shown_and_hidden(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[ServerFailed(english("It hiccups."))]]
    await driver.answered("Hello?")
    code = f"Code: {ServerFailed.code}"
    assert code not in driver.said()
    driver.push("Details")
    assert code in driver.said()
    driver.push("Details")
    assert code not in driver.said()


async def test_where_another_model_helps_it_is_offered(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[ContextTooLong(english("Too long."))]]
    await driver.answered("Hello?")
    driver.push("Choose model")
    assert driver.focused.accessibleName() == "Search models"


@pytest.mark.parametrize("error", [KeyUnset, AuthenticationFailed])
async def test_where_the_key_is_at_fault_its_connection_is_offered(
    driver: Driver, provider: ScriptedProvider, error: type[KeyUnset | AuthenticationFailed]
) -> None:
    provider.scripts = [[error(english("No key."))]]
    wanted: list[str] = []
    driver.window.pane.connection_wanted.connect(wanted.append)
    await driver.answered("Hello?")
    driver.push("Show connection")
    assert wanted == ["lab"]


async def test_a_half_answer_that_failed_is_retried_or_continued(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), ServerFailed(english("It hiccups."))], said(" and half.")]
    await driver.answered("Hello?")
    assert "Half" in driver.messages()[-1]
    driver.push("Continue")
    await driver.until(lambda: "Half and half." in driver.messages()[-1])


async def test_a_retry_waits_as_long_as_the_server_asked_and_can_be_called_off(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.scripts = [[RateLimited(english("Too many."), retry_after_s=18)], said("Now.")]
    await driver.answered("Hello?")
    driver.push("Retry in 18 s")
    assert "Retrying in" in driver.button("Retrying in 18 s").text()
    driver.push("Retrying in 18 s")
    assert driver.button("Retry in 18 s")
    assert len(provider.requests) == 1


async def test_a_retry_that_was_asked_for_comes_by_itself(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[RateLimited(english("Too many."), retry_after_s=0.2)], said("Now.")]
    await driver.answered("Hello?")
    driver.push("Retry in 1 s")
    await driver.until(lambda: "Now." in driver.messages()[-1])


async def test_esc_before_anything_is_kept_brings_the_text_back(driver: Driver, provider: ScriptedProvider) -> None:
    driver.ask("Hello?")
    driver.press("Esc")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert driver.editor.toPlainText() == "Hello?"
    assert provider.requests == []
