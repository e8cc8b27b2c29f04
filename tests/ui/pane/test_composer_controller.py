"""What is typed in the window: sent, edited, kept by conversation, pasted, and where keys go."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver
from tests.ui.pane.conftest import sent, talk
from ui.base.tasks import Tasks
from ui.composer.drafts import Drafts

PASTED = "lorem ipsum " * 2500


async def test_enter_sends_what_is_typed_and_empties_the_field(driver: Driver, provider: ScriptedProvider) -> None:
    await driver.answered("Hello?")
    assert sent(provider) == ["Hello?"]
    assert driver.editor.toPlainText() == ""
    assert [each.rpartition(": ")[2] for each in driver.messages()] == ["Hello?", "An answer."]


async def test_lines_are_broken_by_shift_and_sent_as_one_prompt(driver: Driver, provider: ScriptedProvider) -> None:
    driver.write("One")
    driver.press("Shift+Return")
    driver.type("two")
    driver.press("Enter")
    await driver.until(lambda: sent(provider) == ["One\ntwo"])


async def test_blanks_alone_are_not_sent(driver: Driver, provider: ScriptedProvider) -> None:
    driver.ask("   ")
    driver.push("Send")
    await driver.answered("Now?")
    assert sent(provider) == ["   Now?"]


async def test_the_field_says_whom_it_goes_to(driver: Driver) -> None:
    assert driver.editor.placeholderText() == "Message scripted"


async def test_a_long_paste_stands_beside_the_field_until_it_is_removed(driver: Driver) -> None:
    driver.write("Sum up:")
    driver.paste(PASTED)
    assert driver.editor.toPlainText() == "Sum up:"
    assert "Pasted text, 30,000 characters, sent after the text you type" in driver.said()
    driver.push("Remove pasted text")
    assert "Pasted text" not in driver.said()
    assert driver.focused is driver.editor


async def test_a_long_paste_is_sent_after_what_is_typed(driver: Driver, provider: ScriptedProvider) -> None:
    driver.write("Sum up:")
    driver.paste(PASTED)
    driver.press("Return")
    await driver.until(lambda: sent(provider) == [f"Sum up:\n\n{PASTED}"])
    assert "Pasted text" not in driver.said()


async def test_two_long_pastes_are_one_text(driver: Driver) -> None:
    driver.editor.setFocus()
    driver.paste(PASTED)
    driver.paste(PASTED)
    assert "Pasted text, 60,002 characters" in driver.said()


async def test_a_short_paste_goes_into_the_field(driver: Driver) -> None:
    driver.write("a ")
    driver.paste("b\0c")
    assert driver.editor.toPlainText() == "a bc"


async def test_up_edits_the_last_prompt_and_esc_leaves_it(driver: Driver, provider: ScriptedProvider) -> None:
    await driver.answered("One?")
    driver.press("Up")
    assert driver.editor.toPlainText() == "One?"
    assert "Editing a prompt. The previous version is kept." in driver.said()
    driver.press("Esc")
    assert driver.editor.toPlainText() == ""
    assert "Editing a prompt" not in driver.said()
    assert sent(provider) == ["One?"]


async def test_the_button_of_the_strip_ends_an_edit_and_the_draft_comes_back(driver: Driver) -> None:
    await driver.answered("One?")
    driver.write("A draft")
    driver.transcript().setFocus()
    driver.press("Home")
    driver.press("F2")
    assert driver.editor.toPlainText() == "One?"
    driver.push("Cancel editing")
    assert driver.editor.toPlainText() == "A draft"


async def test_up_moves_in_a_text_and_asks_for_nothing_where_nothing_was_said(driver: Driver) -> None:
    driver.editor.setFocus()
    driver.press("Up")
    assert driver.editor.toPlainText() == ""
    driver.write("a")
    driver.press("Shift+Return")
    driver.press("Up")
    driver.press("Home")
    driver.type("b")
    assert driver.editor.toPlainText() == "ba\n"


async def test_each_conversation_has_its_draft(driver: Driver, services: Services) -> None:
    one, two = await talk(services, ("One?", "1")), await talk(services, ("Two?", "2"))
    await driver.open(one)
    driver.write("to one")
    await driver.open(two)
    assert driver.editor.toPlainText() == ""
    driver.write("to two")
    await driver.open(one)
    assert driver.editor.toPlainText() == "to one"


async def test_a_draft_of_a_new_chat_waits_for_the_next_one(driver: Driver, services: Services) -> None:
    one = await talk(services, ("One?", "1"))
    driver.write("half a thought")
    await driver.open(one)
    driver.press("Ctrl+N")
    assert driver.editor.toPlainText() == "half a thought"
    assert driver.focused is driver.editor


async def test_an_edit_is_given_up_where_another_conversation_opens(driver: Driver, services: Services) -> None:
    one, two = await talk(services, ("One?", "1")), await talk(services, ("Two?", "2"))
    await driver.open(one)
    driver.editor.setFocus()
    driver.press("Up")
    await driver.open(two)
    assert driver.editor.toPlainText() == ""
    assert "Editing a prompt" not in driver.said()


async def test_the_estimate_is_seen_while_something_is_typed(driver: Driver) -> None:
    driver.write("sixteen letters.")
    await driver.until(lambda: "~4 tokens" in driver.said())
    driver.press("Ctrl+A")
    driver.press("Del")
    assert "~" not in driver.said()


async def test_send_is_stop_while_an_answer_is_made(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="Half"), None], said("Whole.")]
    driver.ask("One?")
    await driver.until(lambda: "Half" in driver.messages()[-1])
    assert not driver.sees("Send")
    driver.push("Stop")
    await driver.until(lambda: driver.sees("Send"))
    await driver.answered("Two?")
    assert "Whole." in driver.messages()[-1]


async def test_enter_ends_what_the_input_method_composes_and_sends_nothing(
    driver: Driver, provider: ScriptedProvider
) -> None:
    driver.write("a")
    QApplication.sendEvent(driver.editor, QInputMethodEvent("に", []))
    driver.press("Return")
    done = QInputMethodEvent("", [])
    done.setCommitString("に")
    QApplication.sendEvent(driver.editor, done)
    driver.press("Return")
    await driver.until(lambda: sent(provider) == ["aに"])


async def test_what_is_typed_over_the_messages_goes_into_the_field(driver: Driver) -> None:
    await driver.answered("One?")
    driver.transcript().setFocus()
    driver.press("x")
    assert driver.focused is driver.editor
    driver.type("yz")
    assert driver.editor.toPlainText() == "xyz"


async def test_keys_of_the_empty_field_turn_the_pages_of_what_is_read(driver: Driver, services: Services) -> None:
    await driver.open(await talk(services, *((f"{number}?", "word " * 400) for number in range(6))))
    bar = driver.transcript().verticalScrollBar()
    driver.editor.setFocus()
    driver.press("Home")
    await driver.until(lambda: bar.value() == bar.minimum())
    driver.press("PgDown")
    await driver.until(lambda: bar.minimum() < bar.value() < bar.maximum())
    driver.press("End")
    await driver.until(lambda: bar.value() == bar.maximum())
    assert driver.focused is driver.editor


async def test_the_same_keys_move_in_a_text(driver: Driver, services: Services) -> None:
    await driver.open(await talk(services, *((f"{number}?", "word " * 400) for number in range(6))))
    bar = driver.transcript().verticalScrollBar()
    before = bar.value()
    driver.write("bc")
    driver.press("Home")
    driver.type("a")
    assert driver.editor.toPlainText() == "abc"
    assert bar.value() == before


async def test_tab_goes_on_from_the_field_and_back(driver: Driver) -> None:
    driver.write("a")
    driver.press("Tab")
    assert driver.focused.accessibleName() == "Preset"
    driver.press("Tab")
    assert driver.focused.accessibleName() == "Attach"
    driver.press("Tab")
    assert driver.focused.accessibleName() == "Tools"
    driver.press("Tab")
    assert driver.focused.accessibleName() == "Send"
    for _ in range(4):
        driver.press("Shift+Tab")
    assert driver.focused is driver.editor
    assert driver.editor.toPlainText() == "a"


async def test_the_field_glows_while_it_has_the_keyboard(driver: Driver) -> None:
    frame = driver.editor.parentWidget()
    assert frame is not None
    around = frame.parentWidget()
    assert around is not None
    edge = frame.mapTo(around, QPoint(frame.width() // 2, 0)) - QPoint(0, 2)
    driver.editor.setFocus()
    lit = driver.pixels(around).pixelColor(edge)
    driver.transcript().setFocus() if driver.transcript().isVisible() else driver.button("Model").setFocus()
    assert driver.pixels(around).pixelColor(edge) != lit


async def test_how_far_a_prompt_was_edited_stays_when_another_chat_is_shown(driver: Driver) -> None:
    await driver.answered("Why?")
    shown = driver.window.pane.conversation
    driver.editor.setFocus()
    driver.press("Up")
    driver.type(" Really")
    driver.press("Ctrl+N")
    assert driver.editor.toPlainText() == ""
    await driver.until(lambda: driver.window.sidebar.library.title(shown.id))
    driver.window.desk.open_conversation(shown.id)
    await driver.until(lambda: driver.window.desk.shown_id == shown.id)
    assert driver.editor.toPlainText() == "Why? Really"
    assert not driver.window.pane.composer.is_editing


async def test_what_an_edit_that_was_left_made_of_a_prompt_can_be_had_back(driver: Driver) -> None:
    await driver.answered("Why?")
    driver.editor.setFocus()
    driver.press("Up")
    driver.type(" Really")
    driver.press("Escape")
    assert driver.editor.toPlainText() == ""
    driver.window.desk.undoing.undo()
    assert driver.editor.toPlainText() == "Why? Really"
    assert driver.window.pane.composer.is_editing
    driver.press("Ctrl+A")
    driver.type("Why?")
    driver.press("Escape")
    assert not driver.window.desk.undoing.is_offered


async def test_how_far_a_prompt_was_edited_is_written_down(driver: Driver, services: Services) -> None:
    await driver.answered("Why?")
    driver.editor.setFocus()
    driver.press("Up")
    driver.type(" Really")
    driver.window.close()
    kept = Drafts(services.paths.drafts_file, Tasks())
    assert kept.get(driver.window.pane.conversation_id).text == "Why? Really"
