"""The panels of a comparison in the window: opened, read, gone through, copied and closed by keys and mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, now
from desktop.domain.events import TextDelta
from desktop.services import Services
from tests.desktop.metrics.made import REF, answer, prompt
from tests.desktop.session.fakes import ScriptedProvider, said
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.compare.marked_text import MarkedText
from ui.compare.merge_popover import MergePopover
from ui.compare.pane_bars import PaneBars
from ui.window.merged_panel import MergedPanel

OLD, NEW = "The old task is cancelled. Nothing is left.", "The new task is cancelled. Nothing is left."


def talk(id_: str, text: str, speed: float, cost: float) -> Conversation:
    """A conversation of one turn."""
    asked = prompt("What of the task?")
    told = msgspec.structs.replace(answer(text, speed=speed, cost=cost, tokens=40, whole=3000), parent=asked.id)
    return Conversation(
        id=id_, title="", model=REF, created_at=now(), updated_at=now(), current=told.id, messages=(asked, told)
    )


async def show(driver: Driver, services: Services, *talks: Conversation) -> None:
    """Show a comparison of these, which the store has, with the keyboard where prompts are typed."""
    kept = (await services.store()).conversations
    for each in talks:
        await kept.create(each)
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    driver.window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    driver.window.workspace.prompt_editor.setFocus()


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a comparison of two answers, the keyboard where prompts are typed."""
    del qtbot
    async with driven(services, tasks, themes, width=1600, height=900) as made:
        await show(made, services, talk("a", OLD, 90, 0.2), talk("b", NEW, 60, 0.1))
        yield made


def sees(driver: Driver, kind: type[FiguresPanel | DifferencesPanel | MergePopover]) -> bool:
    """Whether a panel is seen."""
    return any(each.isVisible() for each in driver.window.findChildren(kind))


def chart(driver: Driver, name: str) -> str:
    """What a chart says to a screen reader."""
    return driver.find(PaneBars, name).accessibleDescription()


def marked(driver: Driver, word: str, name: str = "Differences") -> tuple[bool, bool]:
    """Whether a word is struck through, and whether it is underlined."""
    text = driver.find(MarkedText, name)
    cursor = QTextCursor(text.document())
    cursor.setPosition(text.toPlainText().index(word) + 1)
    return cursor.charFormat().fontStrikeOut(), cursor.charFormat().fontUnderline()


async def test_figures_open_by_key_with_a_chart_for_each_and_close_by_it(driver: Driver) -> None:
    driver.press("Ctrl+Shift+G")
    assert chart(driver, "Tokens per second") == "scripted (1): 90. scripted (2): 60. best tokens/s: scripted (1)."
    assert chart(driver, "Cost") == "scripted (1): $0.200. scripted (2): $0.100. cheapest: scripted (2)."
    assert chart(driver, "Time") == "scripted (1): 3.0 s. scripted (2): 3.0 s."
    assert "2 responses · 80 tokens · $0.300" in driver.said()
    driver.press("Ctrl+Shift+G")
    assert not sees(driver, FiguresPanel)


async def test_esc_closes_a_panel_from_within_and_leads_to_the_prompt(driver: Driver) -> None:
    driver.press("Ctrl+Shift+G")
    driver.find(PaneBars, "Cost").setFocus()
    driver.press("Esc")
    assert not sees(driver, FiguresPanel)
    assert driver.focused is driver.window.workspace.prompt_editor


async def test_one_panel_takes_the_place_of_the_other(driver: Driver) -> None:
    driver.press("Ctrl+Shift+G")
    driver.press("Ctrl+Shift+E")
    assert (sees(driver, FiguresPanel), sees(driver, DifferencesPanel)) == (False, True)
    driver.push("Close differences")
    assert not sees(driver, DifferencesPanel)


async def test_its_button_shows_whether_a_panel_is_open(driver: Driver) -> None:
    button = driver.find(QPushButton, "Figures")
    driver.click(button)
    assert button.isChecked()
    driver.push("Close figures")
    assert not button.isChecked()


async def test_arrows_choose_which_turns_are_counted(driver: Driver) -> None:
    driver.press("Ctrl+Shift+G")
    driver.button("Turns: Last turn").setFocus()
    driver.press("Right")
    assert driver.focused.accessibleName() == "Turns: All turns"
    assert driver.button("Turns: All turns").isChecked()


@pytest.mark.parametrize(("entry", "begin"), [("As Markdown", "| Model |"), ("As CSV for spreadsheets", "Model\t")])
async def test_the_table_is_copied_from_the_menu_and_that_is_said(driver: Driver, entry: str, begin: str) -> None:
    driver.press("Ctrl+Shift+G")
    driver.push("Copy as table")
    driver.choose(entry)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(begin)
    assert "scripted (2)" in copied.splitlines()[-1]
    assert driver.notices == ["The table was copied."]


async def test_differences_are_marked_by_lines_and_counted(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    assert driver.find(MarkedText, "Differences").toPlainText() == OLD.replace("old", "old new")
    assert [marked(driver, word) for word in ("old", "new", "task")] == [(True, False), (False, True), (False, False)]
    assert "1 difference · " in driver.said()
    assert "struck through: only in scripted (1); underlined: only in scripted (2)" in driver.said()


async def test_arrows_choose_how_they_are_shown(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    driver.button("View: Inline").setFocus()
    driver.press("Right")
    assert driver.find(MarkedText, "Full second response").toPlainText() == NEW
    assert marked(driver, "new", "Full second response") == (False, True)
    driver.press("Right")
    assert not driver.sees("Full second response")
    assert "2 sentences in all responses, underlined" in driver.said()
    assert marked(driver, "Nothing is left") == (False, True)


async def test_places_are_gone_through_by_the_keyboard(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    driver.button("Next difference").setFocus()
    driver.press("Space")
    assert driver.find(MarkedText, "Differences").textCursor().selectedText() == "old new"


async def test_an_answer_held_against_itself_is_the_same(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    driver.find(QComboBox, "Second response").setFocus()
    driver.press("Up")
    assert "Identical, word for word." in driver.said()
    assert not driver.button("Next difference").isEnabled()


async def test_what_is_selected_is_copied_as_plain_text(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    driver.find(MarkedText, "Differences").setFocus()
    driver.press("Ctrl+A")
    driver.press("Ctrl+C")
    assert QGuiApplication.clipboard().text() == OLD.replace("old", "old new")


async def test_another_theme_colours_what_is_open(driver: Driver, themes: Themes) -> None:
    driver.press("Ctrl+Shift+G")
    shown = driver.find(PaneBars, "Cost")
    light = driver.pixels(shown)
    themes.choose("dark")
    assert driver.pixels(shown) != light


async def test_merge_opens_on_the_task_and_shows_the_whole_prompt(driver: Driver) -> None:
    driver.press("Ctrl+Shift+M")
    assert driver.focused.accessibleName() == "What to do"
    driver.push("Show prompt")
    shown = driver.find(QPlainTextEdit, "Prompt preview").toPlainText()
    assert OLD in shown
    assert NEW in shown
    assert "2 responses: scripted (1), scripted (2)" in driver.said()
    driver.press("Esc")
    assert not sees(driver, MergePopover)
    assert driver.focused is driver.window.workspace.prompt_editor


async def test_criteria_are_typed_and_enter_merges_by_them(driver: Driver, provider: ScriptedProvider) -> None:
    driver.press("Ctrl+Shift+M")
    driver.press("Down")
    driver.find(QLineEdit, "Criteria").setFocus()
    driver.press("Ctrl+A")
    driver.type("brevity, wit")
    driver.press("Return")
    assert not sees(driver, MergePopover)
    await driver.until(lambda: provider.requests and not driver.window.workspace.is_answering)
    assert "brevity, wit" in provider.requests[0].messages[-1].text
    panel = driver.find(MergedPanel, "Merged response")
    assert [row.text for row in panel.pane.transcript.rows][1:] == ["An answer."]


async def test_without_own_words_there_is_nothing_to_merge_by(driver: Driver) -> None:
    driver.press("Ctrl+Shift+M")
    driver.press("End")
    assert driver.sees("Instruction")
    assert not driver.find(QPushButton, "Merge").isEnabled()
    driver.find(QPlainTextEdit, "Instruction").setFocus()
    driver.type("Rhyme.")
    await driver.until(lambda: driver.find(QPushButton, "Merge").isEnabled())
    driver.push("Show prompt")
    assert driver.find(QPlainTextEdit, "Prompt preview").toPlainText().startswith("Rhyme.")


async def test_a_single_chat_has_no_panels_and_says_so(driver: Driver) -> None:
    driver.press("Ctrl+N")
    driver.press("Ctrl+Shift+G")
    assert not sees(driver, FiguresPanel)
    assert driver.notices == ["Figures and differences need several panes: add a pane."]


async def test_figures_follow_the_answers_that_are_being_made(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [[TextDelta(text="word " * 40), None]]
    driver.press("Ctrl+Shift+G")
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("And now?")
    driver.press("Return")
    await driver.until(lambda: chart(driver, "Output tokens").startswith("scripted (1): ~50. scripted (2): ~50."))
    driver.window.workspace.sending.stop()
    await driver.until(lambda: not driver.window.workspace.is_answering)
    assert "scripted (1): stopped" in driver.said()


async def test_differences_say_whose_answer_is_still_missing(driver: Driver, provider: ScriptedProvider) -> None:
    provider.scripts = [said("Done."), [None]]
    driver.press("Ctrl+Shift+E")
    driver.window.workspace.prompt_editor.setFocus()
    driver.type("And now?")
    driver.press("Return")
    await driver.until(lambda: "scripted (2): no response in this turn yet." in driver.said())
    assert driver.find(MarkedText, "Differences").toPlainText() == ""
    assert not driver.button("Next difference").isEnabled()


async def test_a_longer_bar_stands_for_more(driver: Driver) -> None:
    driver.press("Ctrl+Shift+G")
    image = driver.pixels(driver.find(PaneBars, "Cost"))
    colours = [pane.header.grab().toImage().pixelColor(200, 0) for pane in driver.window.workspace.line]
    assert colours[0] != colours[1]  # of one model, but each with a colour of its own
    upper, lower = (
        max(sum(image.pixelColor(x, y) == colour for x in range(image.width())) for y in range(image.height()))
        for colour in colours
    )
    assert 1.6 < upper / lower < 2.4


async def test_a_closed_panes_figures_go_with_it(driver: Driver, services: Services) -> None:
    driver.press("Ctrl+Shift+G")
    await show(driver, services, talk("a2", OLD, 90, 0.2), talk("b2", NEW, 60, 0.1), talk("c2", NEW, 30, 0.3))
    driver.press("Ctrl+Shift+G")
    assert "scripted (3): 30" in chart(driver, "Tokens per second")
    driver.push("Close pane")
    assert chart(driver, "Tokens per second") == "scripted (1): 60. scripted (2): 30. best tokens/s: scripted (1)."


async def test_figures_are_written_to_the_file_that_is_named(driver: Driver, tmp_path: Path) -> None:
    driver.press("Ctrl+Shift+G")
    driver.push("Export CSV…")
    await name_file(driver, tmp_path / "mine.csv")
    await driver.until(lambda: driver.notices)
    assert driver.notices == [f"Figures saved to {tmp_path / 'mine.csv'}."]
    assert (tmp_path / "mine.csv").read_text().count("scripted") >= 2


async def name_file(driver: Driver, path: Path) -> None:
    """Type a path into the dialog that asks where a file goes."""
    (dialog,) = driver.window.findChildren(QFileDialog)
    await driver.until(dialog.isVisible)
    (line,) = (each for each in dialog.findChildren(QLineEdit) if each.objectName() == "fileNameEdit")
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    driver.come_back()


async def test_what_some_of_three_say_is_dotted(driver: Driver, services: Services) -> None:
    await show(
        driver,
        services,
        talk("a2", "Canberra is the capital. It is small.", 1, 1),
        talk("b2", "Canberra is the capital. Sheep are many there.", 1, 1),
        talk("c2", "Canberra is the capital. Sheep are many there.", 1, 1),
    )
    driver.press("Ctrl+Shift+E")
    driver.push("View: Agreement")
    assert "1 sentence in all responses, underlined · 1 in some responses, dotted" in driver.said()
    assert not driver.sees("First response")


async def test_the_place_before_the_first_is_the_last(driver: Driver, services: Services) -> None:
    await show(driver, services, talk("a2", "One same thing here two", 1, 1), talk("b2", "1 same thing here 2", 1, 1))
    driver.press("Ctrl+Shift+E")
    driver.push("Previous difference")
    assert driver.find(MarkedText, "Differences").textCursor().selectedText() == "two 2"


async def test_one_answer_alone_is_not_merged_and_that_is_said(driver: Driver, services: Services) -> None:
    await show(driver, services, talk("a2", OLD, 90, 0.2), talk("b2", "", 60, 0.1))
    driver.press("Ctrl+Shift+M")
    assert "1 response: scripted" in driver.said()
    assert "Merging needs two responses." in driver.said()
    assert not driver.find(QPushButton, "Merge").isEnabled()


async def test_a_press_elsewhere_closes_the_merge_and_sends_nothing(driver: Driver, provider: ScriptedProvider) -> None:
    driver.press("Ctrl+Shift+M")
    driver.click(driver.window.workspace.prompt_editor)
    assert not sees(driver, MergePopover)
    assert provider.requests == []
