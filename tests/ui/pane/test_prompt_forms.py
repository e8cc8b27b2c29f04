"""The forms of the pane's header in the window: the system prompt and the parameters, by mouse and keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from desktop.domain.conversation_types import ModelRef, Role
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui.driver import Driver
from tests.ui.pane.conftest import saves, talk

MORE = "More actions for this conversation"


def open_form(driver: Driver, entry: str) -> None:
    """Open a form by the header's menu."""
    driver.push(MORE)
    driver.choose(entry)


def line(driver: Driver, name: str) -> QLineEdit:
    """A parameter's field."""
    return driver.find(QLineEdit, name)


async def test_the_menu_of_one_conversation_offers_what_can_be_done_with_it(driver: Driver) -> None:
    driver.push(MORE)
    texts = [each.text() for each in driver.menu.actions() if each.text()]
    assert texts == [
        *("System prompt…", "Parameters…", "Duplicate pane", "Duplicate pane without history"),
        "Response schema…",
    ]
    driver.menu.close()


async def test_the_system_prompt_is_written_closed_by_esc_and_sent(driver: Driver, provider: ScriptedProvider) -> None:
    driver.editor.setFocus()
    open_form(driver, "System prompt…")
    assert driver.focused is driver.find(QPlainTextEdit, "System prompt")
    driver.type("Be brief.")
    driver.press("Esc")
    assert not driver.sees("System prompt")
    assert driver.focused is driver.editor
    await driver.answered("Hello?")
    first = provider.requests[0].messages[0]
    assert (first.role, first.text) == (Role.SYSTEM, "Be brief.")


async def test_what_was_written_stands_there_again(driver: Driver) -> None:
    open_form(driver, "System prompt…")
    driver.type("Be brief.")
    driver.press("Esc")
    open_form(driver, "System prompt…")
    assert driver.find(QPlainTextEdit, "System prompt").toPlainText() == "Be brief."


async def test_a_system_prompt_is_taken_a_little_after_typing(driver: Driver, provider: ScriptedProvider) -> None:
    open_form(driver, "System prompt…")
    driver.type("Be brief.")
    await driver.until(lambda: driver.window.pane.conversation.system == "Be brief.")
    assert driver.sees("System prompt")


async def test_a_system_prompt_stays_with_its_conversation_when_another_one_begins(driver: Driver) -> None:
    await driver.answered("Hello?")
    open_form(driver, "System prompt…")
    driver.type("Only here.")
    driver.press("Ctrl+N")
    await driver.until(lambda: driver.messages() == [])
    assert driver.window.pane.conversation.system == ""


async def test_a_system_prompt_that_was_begun_is_kept_when_another_conversation_begins(
    driver: Driver, services: Services
) -> None:
    talked = await talk(services, ("Hello?", "Yes."))
    await driver.open(talked)
    saved = saves(driver)
    open_form(driver, "System prompt…")
    driver.type("Only here.")
    driver.press("Ctrl+N")
    await driver.until(lambda: talked.id in saved)
    await driver.open(talked)
    open_form(driver, "System prompt…")
    assert driver.find(QPlainTextEdit, "System prompt").toPlainText() == "Only here."


async def test_a_parameter_is_set_seen_in_the_header_and_sent(driver: Driver, provider: ScriptedProvider) -> None:
    open_form(driver, "Parameters…")
    line(driver, "Temperature").setFocus()
    driver.type("0.3")
    driver.press("Esc")
    assert driver.find(QPushButton, "Parameters").text() == "temp 0.3"
    await driver.answered("Hello?")
    assert provider.requests[0].parameters.values == {"temperature": 0.3}


async def test_the_first_field_has_the_keyboard_and_tab_goes_round(driver: Driver) -> None:
    open_form(driver, "Parameters…")
    first = driver.focused
    seen = [first.accessibleName()]
    driver.press("Tab")
    while driver.focused is not first:
        seen.append(driver.focused.accessibleName())
        driver.press("Tab")
    assert seen[0] == "Temperature"
    assert "Reset all" in seen
    assert len(seen) == len({*seen}) > 5


async def test_the_button_of_what_is_set_opens_it_again_and_unset_all_takes_it_away(driver: Driver) -> None:
    open_form(driver, "Parameters…")
    line(driver, "Temperature").setFocus()
    driver.type("0.3")
    driver.press("Esc")
    driver.push("Parameters")
    assert line(driver, "Temperature").text() == "0.3"
    driver.push("Reset all")
    assert line(driver, "Temperature").text() == ""
    driver.press("Esc")
    assert not [each for each in driver.window.findChildren(QPushButton, "Parameters") if each.isVisible()]
    assert "temp" not in driver.window.pane.header.parameters.text()


async def test_a_slip_is_said_and_not_sent(driver: Driver, provider: ScriptedProvider) -> None:
    open_form(driver, "Parameters…")
    line(driver, "Temperature").setFocus()
    driver.type("9")
    assert "from 0 to 2" in driver.said()
    driver.press("Backspace")
    driver.type("1")
    assert "from 0 to 2" not in driver.said()
    driver.press("Esc")
    await driver.answered("Hello?")
    assert provider.requests[0].parameters.values == {"temperature": 1.0}


async def test_a_choice_is_made_by_key(driver: Driver) -> None:
    driver.window.workspace.start_new(ModelRef(connection="lab", name="gpt-5.5"))
    open_form(driver, "Parameters…")
    box = driver.find(QComboBox, "Reasoning effort")
    box.setFocus()
    driver.press("Down")
    driver.press("Esc")
    assert driver.find(QPushButton, "Parameters").text() == f"effort {box.currentText()}"
    assert box.currentText() != "not sent"


async def test_only_what_the_model_takes_is_asked_for(driver: Driver) -> None:
    driver.window.workspace.start_new(ModelRef(connection="lab", name="gpt-5.5"))
    open_form(driver, "Parameters…")
    assert not driver.sees("Temperature")
    assert driver.sees("Reasoning effort")


async def test_parameters_are_kept_with_the_conversation(driver: Driver, services: Services) -> None:
    talked = await talk(services, ("Hello?", "Yes."))
    await driver.open(talked)
    saved = saves(driver)
    open_form(driver, "Parameters…")
    line(driver, "Temperature").setFocus()
    driver.type("1")
    driver.press("Esc")
    driver.press("Ctrl+N")
    assert driver.window.pane.conversation.parameters.values == {}
    await driver.until(lambda: talked.id in saved)
    await driver.open(talked)
    assert driver.find(QPushButton, "Parameters").text() == "temp 1"


async def test_a_press_elsewhere_closes_it(driver: Driver) -> None:
    open_form(driver, "Parameters…")
    driver.click(driver.editor)
    assert not driver.sees("Temperature")
    assert driver.focused is driver.editor
