"""Below a prompt in a narrow pane nothing is cut: what has no room is left out, or stands behind a button."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.driver import Driver, driven
from tests.ui.transcript.makers import heard
from tests.ui.window.test_held_back import comparison
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.composer.send_line import SendLine


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window of 580 pixels with a comparison of two."""
    del qtbot
    async with driven(services, tasks, themes, width=580, height=760) as made:
        made.window.workspace.show_comparison(comparison(REF, ModelRef.parse("lab/other")), {})
        yield made


def parts(line: SendLine) -> list[QWidget]:
    """What is seen of a line."""
    items = [line.itemAt(at) for at in range(line.count())]
    found = [item.widget() for item in items if item is not None]
    return [each for each in found if isinstance(each, (QAbstractButton, QLabel)) and each.isVisible()]


def cut(line: SendLine) -> list[QWidget]:
    """What is seen in part alone; a preset's title may end in an ellipsis."""
    return [each for each in parts(line) if each is not line.preset and each.width() < each.sizeHint().width()]


async def test_nothing_is_cut_at_320_pixels(driver: Driver) -> None:
    pane = driver.window.pane
    pane.composer.put(Prompt("a prompt that was not sent " * 9))
    pane.writing.show_field()
    line = pane.composer.line
    await driver.until(line.button.isVisible)
    pane.composer.setFixedWidth(320)
    driver.pixels(pane)
    for texts in ("Preset", "Preset: A long title of somebody's own"):
        line.preset.show_text(texts)
        await driver.until(lambda: cut(line) == [])
        assert line.button in parts(line)


async def test_what_has_no_room_stands_behind_a_button(driver: Driver) -> None:
    pane = driver.window.pane
    pane.composer.put(Prompt("a prompt"))
    pane.writing.show_field()
    line = pane.composer.line
    await driver.until(line.button.isVisible)
    name = "a-model-with-a-name-that-is-long"
    line.show_button(stops=False, models=1, only=name)
    pane.composer.setFixedWidth(240)
    driver.pixels(pane)
    assert [each.accessibleName() for each in parts(line) if isinstance(each, QAbstractButton)] == [
        "More",
        f"Send to {name}",
    ]
    assert line.button.text() == "Send"
    asked = heard(line.preset.clicked)
    driver.click(line.more)
    assert [each.text() for each in driver.menu.actions()] == ["Preset", "Attach", "Tools"]
    driver.choose("Preset")
    assert len(asked) == 1
    pane.composer.setFixedWidth(600)
    driver.pixels(pane)
    assert line.preset in parts(line)
    assert line.more not in parts(line)


async def test_no_line_of_a_long_prompt_is_cut(driver: Driver) -> None:
    driver.window.workspace.focus_composer()
    editor = driver.window.workspace.composer.editor
    driver.paste("word " * 900)
    for height in (500, 533, 611, 760):
        driver.window.resize(580, height)
        driver.pixels(driver.window)
        block = editor.document().firstBlock()
        lines = (editor.height() - 4) / (editor.blockBoundingRect(block).height() / block.lineCount())
        assert lines == pytest.approx(round(lines), abs=0.1)
