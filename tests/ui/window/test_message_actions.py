"""A message is quoted, deleted, asked of another model, or the beginning of another chat, by key and menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from tests.ui.window.test_versions import branchy, on_the_first_answer, texts
from ui.base.tasks import Tasks
from ui.base.theme import Themes


def talk() -> Conversation:
    asked = prompt("Why is the sky blue?")
    said_ = finished(answer(asked), "Light scatters.\n\nBlue most.")
    return conversation(asked, said_, title="Sky")


def choose(driver: Driver, text: str) -> None:
    """Open the menu of the message that has the keyboard, and choose from it."""
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(driver.transcript().viewport(), asked)
    driver.choose(text)


async def test_a_message_is_quoted_on_lines_of_its_own(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, talk()) as driver:
        driver.write("As you say:")
        driver.transcript().setFocus()
        driver.press("End")
        driver.press("Ctrl+Shift+Q")
        assert driver.editor.toPlainText() == "As you say:\n\n> Light scatters.\n>\n> Blue most.\n\n"
        driver.type("Why?")
        assert driver.editor.toPlainText().endswith("most.\n\nWhy?")


@pytest.mark.parametrize("yes", [True, False])
async def test_a_message_is_deleted_with_what_follows_after_a_question(
    services: Services, tasks: Tasks, themes: Themes, *, yes: bool
) -> None:
    made = branchy(shown="End.")
    async with driven(services, tasks, themes, made) as driver:
        driver.transcript().setFocus()
        driver.press("End")
        driver.press("Up")
        driver.press("Del")
        question = "Delete this message and the 1 message after it? You cannot undo this."
        assert driver.notices == [question]
        if yes:
            driver.push("Delete")
            await driver.until(lambda: texts(driver) == ["One?", "First.", "Two?", "Second."])
        else:
            driver.press("Esc")
            assert driver.notices == []
        kept = await (await services.store()).conversations.get(made.id)
        assert {"Three?", "End."} & {each.text for each in kept.messages} == (set() if yes else {"Three?", "End."})
        assert [each.text for each in kept.path()] == [each.text for each in driver.window.pane.conversation.path()]


async def test_after_a_version_is_deleted_another_one_is_shown(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, branchy(shown="End.")) as driver:
        await on_the_first_answer(driver)
        driver.press("Del")
        driver.push("Delete")
        await driver.until(lambda: texts(driver) == ["One?", "Other."])


async def test_a_new_chat_goes_on_from_a_message_and_the_old_one_stays(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    made = branchy(shown="End.")
    async with driven(services, tasks, themes, made) as driver:
        await on_the_first_answer(driver)
        choose(driver, "New chat from here")
        await driver.until(lambda: texts(driver) == ["One?", "First."])
        assert driver.window.pane.conversation_id != made.id
        kept = await (await services.store()).conversations.get(made.id)
        assert len(kept.messages) == len(made.messages)


async def test_a_new_chat_from_a_prompt_has_it_in_the_field(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, branchy(shown="End.")) as driver:
        driver.transcript().setFocus()
        driver.press("End")
        driver.press("Up")
        choose(driver, "New chat from here")
        await driver.until(lambda: texts(driver) == ["One?", "First.", "Two?", "Second."])
        assert driver.editor.toPlainText() == "Three?"


async def test_another_model_answers_the_same_prompt_in_the_same_chat(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    provider.scripts = [said("one"), said("two"), said("three")]
    async with driven(services, tasks, themes) as driver:
        await driver.answered("Why?")
        own = driver.window.pane.conversation.model
        driver.transcript().setFocus()
        driver.press("End")
        driver.press("Ctrl+Shift+I")
        driver.type("lab/other")
        driver.press("Return")
        driver.come_back()
        await driver.until(lambda: not driver.window.workspace.is_answering and "two" in driver.messages()[-1])
        assert provider.requests[-1].model == "other"
        last = driver.window.pane.conversation.path()[-1]
        assert last.model == ModelRef(connection="lab", name="other")
        assert driver.window.pane.transcript.rows[-1].author == "other"
        assert driver.window.pane.conversation.model == own
        await driver.answered("And?")
        assert provider.requests[-1].model == own.name
