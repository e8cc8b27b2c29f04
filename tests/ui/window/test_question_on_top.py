"""After sending, the question stands at the top and the answer grows below it; only the reader scrolls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.domain.events import Finished, TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes

LINE = "A line of the answer.\n\n"


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    """A window with a long chat."""
    del qapp
    asked = prompt("About the sky?")
    async with driven(services, tasks, themes, conversation(asked, finished(answer(asked), LINE * 60))) as made:
        yield made


def top(driver: Driver, row: int) -> int:
    """How far a message's top is below the top of the view."""
    messages = driver.transcript()
    return messages.row_top(driver.window.pane.transcript.rows[row])


async def test_the_question_stays_on_top_while_a_long_answer_grows(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text=LINE), 0.05, TextDelta(text=LINE * 80), 0.05, Finished(reason="stop")]]
    driver.ask("And why?")
    await driver.until(lambda: len(driver.messages()) == 4)
    await driver.until(lambda: 0 <= top(driver, 2) < 40)
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert 0 <= top(driver, 2) < 40
    driver.press("Alt+End")
    assert driver.window.pane.transcript.at_end
    assert top(driver, 2) < 0
    assert driver.sees("Go to start of response")
    driver.push("Go to start of response")
    assert 0 <= top(driver, 3) < 40
    driver.push("Scroll to bottom")
    driver.press("Alt+Home")
    assert 0 <= top(driver, 3) < 40


async def test_who_goes_to_the_end_follows_the_answer(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text=LINE), 0.3, TextDelta(text=LINE * 80), 0.05, Finished(reason="stop")]]
    driver.ask("And why?")
    await driver.until(lambda: len(driver.messages()) == 4)
    driver.press("Alt+End")
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert driver.window.pane.transcript.at_end
    assert top(driver, 2) < 0


async def test_of_a_long_question_the_end_is_seen_above_its_answer(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("Short.")]
    driver.window.pane.writing.fill("A long question.\n\n" * 50)
    driver.press("Return")
    await driver.until(lambda: len(driver.messages()) == 4 and not driver.window.workspace.is_answering)
    height = driver.transcript().viewport().height()
    assert 0 < top(driver, 3) < height // 2


async def test_an_opened_chat_ends_where_its_text_ends(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("Short.")]
    await driver.answered("And why?")
    shown = driver.window.pane.conversation
    driver.press("Ctrl+N")
    await driver.open(shown)
    assert driver.window.pane.transcript.at_end
    assert top(driver, 2) > 40
