"""A new chat's model, and what becomes of a conversation when another model is chosen in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef, Parameters, Role
from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL
from desktop.settings.values import Settings
from tests.desktop.session.fakes import REF
from tests.desktop.store.made import START, conversation, message
from tests.ui import finding
from tests.ui.driver import Driver, driven
from tests.ui.waiting import until
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import NEW, Drafts, DraftTarget
from ui.composer.prompt import Prompt
from ui.window.main_window import MainWindow

OTHER = ModelRef(connection=REF.connection, name="another")
EMBEDDED = ModelRef.parse(DEFAULT_MODEL.default)


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window over one conversation with a model that is not the default one."""
    asked = message(Role.USER, "Why is the sky blue?")
    kept = conversation(asked, message(Role.ASSISTANT, "Rayleigh.", asked), title="Sky", model=REF)
    await (await services.store()).conversations.create(kept)
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    yield made
    made.workspace.stop_all()
    await tasks.settle(0.5)


async def listed(window: MainWindow) -> str:
    """Wait for the list; the id of its one conversation."""
    await window.settle_in()
    await until(lambda: window.sidebar.library.loaded)
    return window.sidebar.library.conversations[0].id


def choose(window: MainWindow, text: str) -> None:
    """Choose a model by its name in the picker."""
    window.pane.header.model.click()
    search = finding.field(window, "Search models")
    QTest.keyClicks(search, text)
    QTest.keyClick(search, Qt.Key.Key_Return)


async def test_the_first_chat_has_the_model_that_was_used_last(window: MainWindow) -> None:
    assert window.pane.conversation.model == EMBEDDED
    await listed(window)
    assert window.pane.conversation.model == REF


async def test_a_prompt_that_is_being_typed_stays(window: MainWindow) -> None:
    QTest.keyClicks(window.pane.composer.editor, "Hello")
    await listed(window)
    assert (window.pane.conversation.model, window.pane.composer.text) == (REF, "Hello")


@pytest.mark.parametrize("begin", ["new_chat", "new_comparison"])
async def test_what_is_begun_has_the_model_that_was_chosen_last_also_after_the_next_start(
    window: MainWindow, services: Services, tasks: Tasks, themes: Themes, begin: str
) -> None:
    kept = await listed(window)
    choose(window, str(OTHER))
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    getattr(window.desk, begin)()
    assert window.workspace.line[0].conversation.model == OTHER
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    window.remember()
    again = MainWindow(services, tasks, themes)
    again.desk.new_chat()
    assert again.pane.conversation.model == OTHER
    again.close()
    again.deleteLater()


async def test_the_embedded_model_is_begun_with_only_where_there_is_no_other(window: MainWindow) -> None:
    window.desk.new_chat()
    assert window.pane.conversation.model == EMBEDDED  # nothing else is known yet
    await listed(window)
    window.pane.start_new(EMBEDDED)
    window.desk.new_chat()
    assert window.pane.conversation.model == REF
    choose(window, str(EMBEDDED))
    window.desk.new_chat()
    assert window.pane.conversation.model == EMBEDDED  # it was chosen


@pytest.mark.parametrize("chosen", [True, False])
async def test_new_chat_has_the_default_model_where_one_was_chosen_else_the_last(
    window: MainWindow, services: Services, chosen: bool
) -> None:
    if chosen:
        services.use(services.settings.set(DEFAULT_MODEL, str(OTHER)))
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    window.desk.new_chat()
    assert window.pane.conversation.model == (OTHER if chosen else REF)


async def test_a_model_whose_connection_is_gone_is_not_taken(window: MainWindow, services: Services) -> None:
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    services.use(Settings())
    window.desk.new_chat()
    assert window.pane.conversation.model == EMBEDDED


@pytest.mark.parametrize("begin", ["new_chat", "new_comparison"])
async def test_after_an_imported_conversation_the_model_used_last_is_taken(
    window: MainWindow, services: Services, begin: str
) -> None:
    asked, gone = message(Role.USER, "From elsewhere"), ModelRef(connection="imported-chatbox", name="gpt-4o")
    imported = conversation(asked, title="Imported", model=gone, updated_at=START + timedelta(days=9))
    await (await services.store()).conversations.create(imported)
    await listed(window)
    assert window.pane.conversation.model == REF  # though the imported one is listed first
    window.desk.open_conversation(imported.id)
    await until(lambda: window.pane.conversation_id == imported.id)
    getattr(window.desk, begin)()
    assert window.workspace.line[0].conversation.model == REF


@pytest.mark.parametrize("way", ["ask", "edit", "regenerate"])
async def test_an_imported_chat_wants_a_model_before_anything_is_written(
    window: MainWindow, services: Services, way: str
) -> None:
    asked, model = message(Role.USER, "One?"), ModelRef(connection="imported-chatgpt", name="gpt-4o")
    said = message(Role.ASSISTANT, "Yes.", asked)
    imported = conversation(asked, said, title="Imported", model=model)
    store = await services.store()
    await store.conversations.create(imported)
    await listed(window)
    driver = Driver(window)
    await driver.open(imported)
    driver.transcript().setFocus()
    driver.press("End")
    if way == "regenerate":
        driver.press("Ctrl+R")
    else:
        if way == "edit":
            driver.press("F2")
        else:
            driver.editor.setFocus()
        driver.type("Two?")
        await driver.until(lambda: not window.pane.composer._timer.isActive())
        assert "token" not in driver.said(window.pane.composer)
        driver.press("Return")
    (said,) = driver.notices
    assert said.startswith("The original models of chats imported from ChatGPT are not available.")
    assert "Two?" in driver.editor.toPlainText() or way == "regenerate"
    assert (await store.conversations.get(imported.id)).messages == imported.messages
    driver.push("Choose model")
    assert window.pane._controls.picker.isVisible()


async def test_another_model_goes_on_with_the_history_in_a_new_chat(window: MainWindow, services: Services) -> None:
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    choose(window, str(OTHER))
    assert window.pane.conversation.model == OTHER
    assert window.pane.conversation_id != kept
    assert [each.text for each in window.pane.conversation.path()] == ["Why is the sky blue?", "Rayleigh."]
    assert ["continues “Sky”" in each for each in window.pane.composer.notices.texts] == [True]
    QTest.keyClicks(window.pane.composer.editor, "And red?")
    QTest.keyClick(window.pane.composer.editor, Qt.Key.Key_Return)
    await until(lambda: len(window.pane.conversation.messages) == 4 and not window.pane.answers)
    assert window.pane.composer.notices.texts == ()
    store = await services.store()
    assert [each.text for each in (await store.conversations.get(window.pane.conversation_id)).path()][:3] == [
        "Why is the sky blue?",
        "Rayleigh.",
        "And red?",
    ]
    assert len((await store.conversations.get(kept)).messages) == 2


async def test_it_can_start_empty_instead(window: MainWindow) -> None:
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    choose(window, str(OTHER))
    QApplication.processEvents()
    next(each for each in finding.buttons(window.pane) if each.text() == "Start without history").click()
    assert window.pane.conversation.model == OTHER
    assert window.pane.conversation.messages == ()
    assert window.pane.composer.notices.texts == ()


async def test_a_new_comparison_takes_no_model_whose_connection_is_gone(window: MainWindow, services: Services) -> None:
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    services.use(Settings())
    window.desk.new_comparison()
    assert [pane.conversation.model for pane in window.workspace.line] == [EMBEDDED, EMBEDDED]


async def test_what_is_sent_to_a_connection_that_is_gone_offers_another_model_and_no_words_of_the_terminal(
    window: MainWindow, services: Services
) -> None:
    kept = await listed(window)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    settings = services.settings
    services.use(Settings())
    window.pane.send(Prompt("And the sea?"))
    await until(lambda: not window.pane.answers)
    said = finding.said(window.pane.transcript)
    assert "There is no connection named" in said
    assert "Choose another model" in said
    assert "`" not in said
    services.use(settings)
    cure = next(each for each in finding.buttons(window.pane) if each.text() == "Choose model")
    QTest.mouseClick(cure, Qt.MouseButton.LeftButton)
    assert finding.field(window, "Search models").isVisible()


async def test_a_comparison_whose_draft_was_taken_back_leaves_no_empty_row(window: MainWindow) -> None:
    await listed(window)
    library = window.sidebar.library
    window.desk.new_comparison()
    field = window.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "Why?")
    await until(lambda: len(library.comparisons) == 1)
    QTest.keySequence(field, QKeySequence("Ctrl+A"))
    QTest.keyClick(field, Qt.Key.Key_Delete)
    await until(lambda: not library.comparisons)
    QTest.keyClicks(field, "Who?")
    await until(lambda: len(library.comparisons) == 1)


async def test_what_was_typed_in_a_new_chat_stays_with_the_model_it_was_typed_for(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, chat("Long", 3)) as driver:
        listed = driver.window.desk.shown_id
        driver.press("Ctrl+N")
        private = ModelRef.parse("embedded/smollm2")
        driver.window.pane.start_new(private)
        driver.window.pane.set_prompting("As a poet.", Parameters())
        driver.write("private thought")
        driver.window.desk.open_conversation(listed)
        await driver.until(lambda: driver.window.desk.shown_id == listed)
        driver.press("Ctrl+N")
        assert driver.editor.toPlainText() == "private thought"
        assert driver.window.pane.conversation.model == private
        assert driver.window.pane.conversation.system == "As a poet."


async def test_the_draft_of_a_new_chat_keeps_the_model_and_the_prompt_that_it_was_typed_for(
    window: MainWindow, services: Services
) -> None:
    kept = await listed(window)
    choose(window, str(OTHER))
    window.pane.set_prompting("Be brief.", Parameters(values={"temperature": 0.5}))
    QTest.keyClicks(window.pane.composer.editor, "a private thought")
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    window.desk.new_chat()
    now = window.pane.conversation
    assert (window.pane.composer.text, now.model, now.system) == ("a private thought", OTHER, "Be brief.")
    assert now.parameters.values == {"temperature": 0.5}
    window.close()
    again = Drafts(services.paths.drafts_file, Tasks())
    assert again.target(NEW) == DraftTarget(OTHER, "Be brief.", now.parameters)
    assert again.get(NEW) == Prompt("a private thought")


async def test_after_a_start_the_draft_stands_in_a_new_chat_with_the_model_it_was_typed_for(
    window: MainWindow, services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    await listed(window)
    choose(window, str(OTHER))
    QTest.keyClicks(window.pane.composer.editor, "a private thought")
    window.close()
    again = MainWindow(services, tasks, themes)
    qtbot.addWidget(again)
    again.show()
    assert (again.pane.conversation.model, again.pane.composer.text) == (OTHER, "a private thought")
    await listed(again)
    assert (again.pane.conversation.model, again.pane.composer.text) == (OTHER, "a private thought")


async def test_what_is_typed_in_a_chat_that_carries_on_and_is_not_sent_is_found_where_it_came_from(
    window: MainWindow, services: Services
) -> None:
    asked = message(Role.USER, "Another")
    other = conversation(asked, message(Role.ASSISTANT, "One.", asked), title="Other", model=REF)
    await (await services.store()).conversations.create(other)
    await window.settle_in()
    await until(lambda: len(window.sidebar.library.conversations) == 2)
    kept = next(each.id for each in window.sidebar.library.conversations if each.title == "Sky")
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    QTest.keyClicks(window.pane.composer.editor, "before")
    choose(window, str(OTHER))
    assert window.pane.composer.text == "before"
    QTest.keyClicks(window.pane.composer.editor, " and after")
    window.desk.open_conversation(other.id)
    await until(lambda: window.pane.conversation_id == other.id)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    assert window.pane.composer.text == "before and after"
    choose(window, str(OTHER))
    QTest.keyClick(window.pane.composer.editor, Qt.Key.Key_Return)
    await until(lambda: len(window.pane.conversation.messages) == 4 and not window.pane.answers)
    window.desk.open_conversation(kept)
    await until(lambda: window.pane.conversation_id == kept)
    assert window.pane.composer.text == ""
