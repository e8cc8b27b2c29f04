"""A low pane of a grid shows whole what one types and presses in it: the grid scrolls instead of cutting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import Arrangement
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.ui.driver import Driver, driven
from tests.ui.window.test_given_files import drop, written
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.workspace.shared_composer import PaneChips


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with a grid of eight."""
    del qtbot
    async with driven(services, tasks, themes, width=1500, height=640) as made:
        refs = [ModelRef.parse(f"lab/{number}-long") for number in range(8)]
        made.window.workspace.show_comparison(comparison(*refs), {})
        made.window.workspace.set_arrangement(Arrangement.GRID)
        yield made


async def test_the_field_of_a_low_pane_is_whole(driver: Driver) -> None:
    workspace = driver.window.workspace
    pane = workspace.line[4]
    assert pane.height() < 260
    pane.composer.put(Prompt("two\nlines"))
    pane.composer.notices.show_notice("It was not sent, for a reason that takes some words to be told. " * 3)
    pane.writing.show_field()
    button = pane.composer.line.button
    await driver.until(lambda: pane.height() > 260)
    driver.pixels(pane)
    assert button.mapTo(pane, QPoint(0, button.height())).y() <= pane.height()
    assert pane.composer.height() >= pane.composer.minimumSizeHint().height()
    assert pane.transcript.height() > 40
    pane.composer.notices.bars[0].dismiss()
    pane.composer.put(Prompt())
    pane.writing.show_field()
    await driver.until(lambda: pane.height() < 260)


async def test_the_name_on_a_chip_keeps_its_order_wherever_one_reads_from(driver: Driver) -> None:
    (chips,) = (each for each in driver.window.findChildren(PaneChips) if each.isVisible())
    first = chips.findChildren(QPushButton)[0]
    assert first.text().strip() == "\u20680-long\u2069"


def is_whole(driver: Driver) -> bool:
    """Whether no pane's field is lower than what stands in it."""
    composers = [pane.composer for pane in driver.window.workspace.line]
    return all(each.height() >= each.minimumSizeHint().height() for each in composers)


async def test_whatever_comes_or_grows_in_a_low_pane_gets_its_room(driver: Driver, tmp_path: Path) -> None:
    workspace = driver.window.workspace
    for pane in workspace.line:
        pane.composer.put(Prompt("third prompt"))
        pane.writing.show_field()
    await driver.until(lambda: is_whole(driver))
    drop(workspace.composer.editor.viewport(), written(tmp_path, "a.txt", b"text"))
    await driver.until(lambda: all(pane.given.isVisible() for pane in workspace.line))
    await driver.until(lambda: is_whole(driver))
    before = workspace.line[0].composer.height()
    workspace.line[0].composer.put(Prompt("my key is " + "k" * 200))
    await driver.until(lambda: workspace.line[0].composer.height() > before and is_whole(driver))


async def test_a_pane_that_a_prompt_does_not_go_to_says_nothing_of_its_files(driver: Driver, tmp_path: Path) -> None:
    workspace = driver.window.workspace
    drop(workspace.composer.editor.viewport(), written(tmp_path, "a.txt", b"text"))
    await driver.until(lambda: all(pane.given.isVisible() for pane in workspace.line))
    workspace.focus_composer()
    driver.type("@2 why?")
    assert [pane.given.isVisible() for pane in workspace.line] == [False, True, *[False] * 6]
