"""The welcome in the window: its cards by mouse and keyboard, where prompts go, and when it is seen."""

from __future__ import annotations

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui.driver import Driver
from tests.ui.pane.conftest import talk
from ui.pane.welcome import Card

CARD = "Explain: Why the sky is blue, for a ten-year-old"
PROMPT = "Explain to a ten-year-old why the sky is blue."


async def test_a_card_fills_the_field_and_sends_nothing(driver: Driver, provider: ScriptedProvider) -> None:
    driver.push(CARD)
    assert driver.editor.toPlainText() == PROMPT
    assert driver.focused is driver.editor
    assert provider.requests == []


async def test_a_card_is_pressed_by_key_and_what_it_put_is_undone(driver: Driver) -> None:
    driver.write("mine")
    driver.find(Card, CARD).setFocus()
    driver.press("Space")
    assert driver.editor.toPlainText() == PROMPT
    driver.press("Ctrl+Z")
    assert driver.editor.toPlainText() == "mine"


async def test_tab_goes_through_the_cards(driver: Driver) -> None:
    driver.find(Card, CARD).setFocus()
    driver.press("Tab")
    assert driver.focused.accessibleName().startswith("Translate: ")
    driver.press("Tab")
    assert driver.focused.accessibleName().startswith("Reply: ")


async def test_it_says_where_prompts_go(driver: Driver) -> None:
    assert "Prompts go to lab (127.0.0.1" in driver.said()
    driver.window.workspace.start_new(ModelRef(connection="embedded", name="smollm2"))
    assert "without an account or network" in driver.said()


async def test_it_goes_with_the_first_prompt_and_comes_with_a_new_chat(driver: Driver) -> None:
    await driver.answered("Hello?")
    assert not driver.sees("Welcome")
    driver.press("Ctrl+N")
    assert driver.sees("Welcome")


async def test_it_is_not_seen_over_a_conversation(driver: Driver, services: Services) -> None:
    await driver.open(await talk(services, ("Sky?", "Blue.")))
    assert not driver.sees("Welcome")


async def test_a_connection_is_added_from_it_while_there_is_none(driver: Driver, services: Services) -> None:
    driver.window.workspace.start_new(ModelRef(connection="embedded", name="smollm2"))
    assert "Azure" not in driver.said()
    for each in services.settings.connections:
        services.use(services.settings.without_connection(each.name))
    driver.window.workspace.start_new(ModelRef(connection="embedded", name="smollm2"))
    driver.push("Add connection")
    await driver.until(lambda: any(each.isVisible() for each in driver.window.findChildren(QDialog)))
    (dialog,) = (each for each in driver.window.findChildren(QDialog) if each.isVisible())
    dialog.reject()


async def test_beside_other_panes_it_leaves_the_examples_out(driver: Driver) -> None:
    driver.press("Ctrl+D")
    driver.press("Return")
    assert driver.sees("Welcome")
    assert not driver.sees(CARD)


async def test_a_screen_reader_finds_it_in_the_transcript_and_under_the_mouse(driver: Driver) -> None:
    transcript = driver.transcript()
    told = QAccessible.queryAccessibleInterface(transcript)
    assert [told.child(place).text(QAccessible.Text.Name) for place in range(told.childCount())] == ["Welcome"]
    middle = transcript.mapToGlobal(transcript.rect().center())
    assert told.childAt(middle.x(), middle.y()).text(QAccessible.Text.Name) == "Welcome"
    await driver.answered("Hello?")
    assert "Welcome" not in [told.child(place).text(QAccessible.Text.Name) for place in range(told.childCount())]
