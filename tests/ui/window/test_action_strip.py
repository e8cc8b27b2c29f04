"""The strip of what can be done with a message covers nothing of it: ring, tiles and bubble are whole beneath it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from desktop.services import Services
from tests.desktop.store.made import conversation
from tests.ui.driver import Driver, driven
from tests.ui.window.test_given_files import drop, tiles, written
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.action_bar import ActionBar
from ui.transcript.message.files_slab import FilesSlab


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, tmp_path: Path) -> AsyncIterator[Driver]:
    """A window with a chat whose prompt has files."""
    async with driven(services, tasks, themes, conversation(), width=1200) as made:
        drop(made.editor.viewport(), *(written(tmp_path, f"{name}.txt", name.encode()) for name in ("a", "bb", "ccc")))
        await made.until(lambda: len(tiles(made)) == 3)
        await made.answered("Look.")
        yield made


def strip(driver: Driver) -> ActionBar:
    (found,) = (each for each in driver.window.findChildren(ActionBar) if each.isVisible())
    return found


def picture(driver: Driver) -> QImage:
    return driver.pixels(driver.transcript().viewport())


async def test_the_ring_around_a_message_is_whole_below_it(driver: Driver, themes: Themes) -> None:
    messages = driver.transcript()
    messages.setFocus()
    driver.press("End")
    driver.press("Up")
    driver.press("Down")
    bar = strip(driver)
    ring = messages.visualRect(messages.currentIndex()).adjusted(-8, 4, 8, -4)
    shown, accent = picture(driver), QColor(themes.current.accent)
    line = range(bar.x(), min(bar.x() + bar.width(), ring.right() - 10))
    rows = [sum(QColor(shown.pixel(x, y)) == accent for x in line) for y in range(ring.top() - 2, ring.top() + 3)]
    assert max(rows) == len(line)


async def test_the_tiles_of_a_prompt_are_whole_below_it(driver: Driver) -> None:
    messages = driver.transcript()
    driver.editor.setFocus()
    before = picture(driver)
    (place,) = (each for each in messages.placed if isinstance(each.slab, FilesSlab))
    head = QPoint(messages.column[0] + 40, messages.row_top(messages._rows.rows[0]) + 20)
    QTest.mouseMove(messages.viewport(), head)
    await driver.until(lambda: any(each.isVisible() for each in driver.window.findChildren(ActionBar)))
    bar = strip(driver)
    top = QRect(messages.column[0], place.top, messages.column[1], 6)
    assert bar.geometry().intersects(top)  # else it shows nothing
    assert picture(driver).copy(top) == before.copy(top)
