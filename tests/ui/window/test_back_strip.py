"""Prompts that wait or came back stand above the field: all can be reached, and what is dropped can be had back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Arrangement
from desktop.domain.conversation_types import ModelRef
from desktop.domain.message_parts import FilePart
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.driver import Driver, driven
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt

GIVEN_BACK = tuple(Prompt(f"given back {number}") for number in range(4))


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window as low as one makes it, with two panes side by side."""
    del qtbot
    async with driven(services, tasks, themes, width=740, height=540) as made:
        made.window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
        yield made


def rows(driver: Driver) -> list[str]:
    """What can be taken back by a button that is seen, in order."""
    return [
        each.accessibleName().removeprefix("Edit ").strip("“”")
        for each in driver.window.workspace.composer.back.strip.findChildren(QPushButton)
        if each.isVisible() and each.accessibleName().startswith("Edit")
    ]


async def test_what_waits_stands_first_and_the_others_unfold(driver: Driver) -> None:
    composer = driver.window.workspace.composer
    strip = composer.back.strip
    composer.back.put(Prompt("typed", behind=GIVEN_BACK))
    composer.back.strip.say_waiting([("a", Prompt("wait A")), ("b", Prompt("wait B"))])
    assert rows(driver) == ["wait A", "wait B", "given back 0"]
    driver.push("and 3 more")
    assert rows(driver) == ["wait A", "wait B", *(each.text for each in GIVEN_BACK)]
    composer.back.strip.say_waiting([])
    fewer = driver.button("Show fewer")
    assert strip.viewport().rect().contains(fewer.mapTo(strip.viewport(), fewer.rect().bottomLeft()))
    driver.click(fewer)
    assert rows(driver) == [each.text for each in GIVEN_BACK[:3]]


async def test_what_was_dropped_comes_back_where_it_was(driver: Driver) -> None:
    strip = driver.window.workspace.composer.back.strip
    driver.window.workspace.composer.back.put(Prompt("typed", behind=GIVEN_BACK))
    driver.push("Discard “given back 1”")
    assert driver.notices == ["“given back 1” was discarded."]
    driver.press("Ctrl+Alt+Z")
    assert strip.prompts == GIVEN_BACK
    driver.push("Discard “given back 1”")
    left = driver.window.workspace.comparison
    assert left is not None
    driver.window.workspace.show_comparison(comparison(REF, REF), {})
    driver.press("Ctrl+Alt+Z")
    assert strip.prompts == ()
    driver.window.workspace.show_comparison(left, {})
    assert strip.prompts == GIVEN_BACK


async def test_a_row_names_the_files_that_go_with_its_prompt(driver: Driver) -> None:
    note = FilePart(name="note.txt", media_type="text/plain", sha256="0" * 64, size=4)
    driver.window.workspace.composer.back.put(Prompt("typed", behind=(Prompt("look", (note,)),)))
    assert "Not sent: look (with note.txt)" in driver.said()


async def test_fields_of_panes_side_by_side_are_whole_in_a_low_window(driver: Driver) -> None:
    workspace, text = driver.window.workspace, "one\ntwo\nthree\nfour\nfive"
    pane = workspace.line[1]
    workspace.composer.back.put(Prompt(text, behind=GIVEN_BACK))
    pane.composer.back.put(Prompt(text, behind=GIVEN_BACK[:1]))
    pane.writing.show_field()
    button = pane.composer.line.button
    await driver.until(lambda: pane.height() > 250)
    driver.pixels(pane)
    assert pane.composer.editor.height() > 3 * pane.composer.editor.fontMetrics().lineSpacing()
    assert button.mapTo(pane, QPoint(0, button.height())).y() <= pane.height()
    assert pane.composer.height() >= pane.composer.minimumSizeHint().height()


async def test_a_text_that_nobody_types_in_begins_with_its_first_line(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(*[REF] * 8), {})
    workspace.set_arrangement(Arrangement.GRID)
    pane = workspace.line[4]
    pane.composer.back.put(Prompt("the first\n\n\n\nthe last"))
    pane.writing.show_field()
    driver.pixels(pane)
    editor = pane.composer.editor
    assert editor.firstVisibleBlock().blockNumber() == 0
    assert editor.height() > 3 * editor.fontMetrics().lineSpacing()
    editor.setFocus()
    assert editor.viewport().rect().contains(editor.cursorRect().center())


async def test_in_a_narrow_field_rows_begin_with_what_tells_them_apart(driver: Driver) -> None:
    pane = driver.window.workspace.line[0]
    pane.composer.back.put(
        Prompt("typed", behind=tuple(Prompt(f"wait {n} for something else, and for longer") for n in (3, 4)))
    )
    pane.writing.show_field()
    await driver.until(lambda: "\nwait 3" in f"\n{driver.said(pane)}")
    assert "Not sent" not in driver.said(pane)
