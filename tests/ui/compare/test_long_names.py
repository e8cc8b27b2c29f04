"""Panels over models with names of any length, in narrow windows, read from either side and in any theme."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QPushButton

from desktop.domain.conversation_types import Conversation, Message, Role
from desktop.services import Services
from tests.ui.compare.test_panels_by_key import NEW, OLD, marked, show, talk
from tests.ui.driver import Driver, driven
from tests.ui.ink import RIGHT, read_from
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.compare.marked_text import MarkedText
from ui.compare.merge_popover import MergePopover
from ui.compare.pane_bars import PaneBars

LONG = "accounts/fireworks/models/llama-v3p1-405b-instruct-with-a-name-of-its-own"
UNBROKEN = "one_word_that_never_ends_" * 5
ALIKE = "accounts/fireworks/models/llama-v3p1-8b"


def named(made: Conversation, name: str, reason: str = "stop") -> Conversation:
    """The conversation with a model of another name, whose answer ended so."""
    ref = msgspec.structs.replace(made.model, name=name)

    def of(message: Message) -> Message:
        if message.role is not Role.ASSISTANT or message.figures is None:
            return message
        figures = msgspec.structs.replace(message.figures, finish_reason=reason)
        return msgspec.structs.replace(message, model=ref, figures=figures)

    return msgspec.structs.replace(made, model=ref, messages=tuple(of(each) for each in made.messages))


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A narrow window with two answers, of models that begin alike and never end."""
    async with driven(services, tasks, themes, width=900, height=700) as made:
        first = named(talk("a", OLD, 90, 0.2), LONG, "length")
        await show(made, services, first, named(talk("b", NEW, 60, 0.1), ALIKE))
        yield made


async def test_names_that_a_chart_cuts_are_whole_in_its_tip_and_to_screen_readers(driver: Driver) -> None:
    """Of two that begin alike nothing on the screen said which was which."""
    driver.press("Ctrl+Shift+G")
    cost = driver.find(PaneBars, "Cost")
    for name, value in ((LONG, "$0.200"), (ALIKE, "$0.100")):
        assert f"{name}: {value}" in cost.toolTip()
        assert f"{name}: {value}." in cost.accessibleDescription()
    assert f"cheapest: {ALIKE}" in cost.toolTip()


@pytest.mark.parametrize("from_right", [False, True])
async def test_in_a_narrow_window_figures_scroll_up_and_down_alone(
    from_right: bool, services: Services, tasks: Tasks, themes: Themes
) -> None:
    """How an answer had ended went on as far as its model's name, and all charts with it."""
    with read_from(RIGHT if from_right else RIGHT.LeftToRight):
        async with driven(services, tasks, themes, width=700, height=600) as driver:
            first = named(talk("a", OLD, 90, 0.2), UNBROKEN, "length")
            await show(driver, services, first, named(talk("b", NEW, 60, 0.1), ALIKE))
            driver.press("Ctrl+Shift+G")
            driver.pixels(driver.window)
            panel = driver.find(FiguresPanel, "Figures")
            assert driver.window.width() == 700
            (told,) = (each for each in panel.findChildren(QLabel) if each.text().startswith(UNBROKEN))
            assert told.height() >= told.heightForWidth(told.width()) > told.fontMetrics().height()
            for each in (*panel.findChildren(PaneBars), told):
                left = each.mapTo(panel, QPoint()).x()
                assert left >= 0
                assert left + each.width() <= panel.width()
            for name in ("Copy as table", "Export CSV…", "Close figures"):
                button = driver.button(name)
                corners = (QPoint(), button.rect().bottomRight())
                assert all(panel.rect().contains(button.mapTo(panel, corner)) for corner in corners)
            assert driver.button("Close figures").mapTo(panel, QPoint()).x() < 60 or not from_right


async def test_differences_of_long_names_stay_in_the_panel_and_boxes_say_all_of_them(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    driver.pixels(driver.window)
    panel = driver.find(DifferencesPanel, "Differences")
    first, second = (driver.find(QComboBox, f"{which} response") for which in ("First", "Second"))
    assert (first.currentText(), second.currentText()) == (LONG, ALIKE)
    for each in (first, second, driver.find(QPushButton, "View: Distance")):
        assert panel.rect().contains(each.mapTo(panel, each.rect().bottomRight()))
    (state,) = (each for each in panel.findChildren(QLabel) if "1 difference" in each.text())
    assert f"struck through: only in {LONG}" in state.text()
    assert state.height() >= state.heightForWidth(state.width()) > 3 * state.fontMetrics().height()
    driver.button("View: Inline").setFocus()
    driver.press("Down")
    assert driver.focused.accessibleName() == "View: Side by side"
    assert driver.find(MarkedText, "Full second response").width() > 100
    driver.press("Up")
    driver.press("Up")
    assert driver.focused.accessibleName() == "View: Inline"


async def test_the_first_difference_is_gone_to_by_a_key_and_by_a_press(driver: Driver) -> None:
    driver.press("Ctrl+Shift+E")
    jump = driver.button("First difference: sentence 1, word 2: “old” / “new”")
    text = driver.find(MarkedText, "Differences")
    for go in (lambda: driver.click(jump), lambda: (jump.setFocus(), driver.press("Space"))):
        text.moveCursor(text.textCursor().MoveOperation.Start)
        go()
        assert text.textCursor().selectedText() == "old new"
    driver.push("View: Agreement")
    assert not jump.isVisible()


async def test_marks_are_told_apart_in_every_theme_by_more_than_colour(driver: Driver, themes: Themes) -> None:
    driver.press("Ctrl+Shift+E")
    text = driver.find(MarkedText, "Differences")
    seen: set[bytes] = set()
    for choice in ("light", "dark", "high-contrast"):
        themes.choose(choice)
        shown = driver.pixels(text.viewport())
        assert shown.pixelColor(1, 1).name() == themes.current.canvas.lower()
        assert [marked(driver, word) for word in ("old", "new", "task")] == [(1, 0), (0, 1), (0, 0)]
        inks = {shown.pixelColor(x, y).name() for x in range(200) for y in range(40)}
        assert themes.current.good.lower() in inks
        seen.add(bytes(shown.constBits()))
    assert len(seen) == 3
    themes.choose("light")


async def test_a_merge_of_long_names_keeps_its_width_and_tab_goes_round_in_it(driver: Driver) -> None:
    driver.press("Ctrl+Shift+M")
    driver.pixels(driver.window)
    popover = driver.find(MergePopover, "Merge answers")
    assert driver.window.rect().contains(popover.geometry())
    assert f"2 responses: {LONG}, {ALIKE}" in driver.said(popover)
    heard: list[str] = []
    for _ in range(5):
        heard.append(driver.focused.accessibleName())
        driver.press("Tab")
    assert heard == ["What to do", "Model", "Show prompt", "Merge", "Turn"]
    assert driver.focused.accessibleName() == heard[0]
    driver.press("Alt+Down")
    driver.press("Esc")  # of the list alone
    driver.come_back()
    assert popover.isVisible()
    for _ in range(3):
        driver.press("Down")
    own = driver.find(QPlainTextEdit, "Instruction")
    own.setFocus()
    driver.paste("Reime.\n" * 3)
    driver.press("Tab")
    assert own.toPlainText() == "Reime.\n" * 3
    await driver.until(lambda: driver.find(QPushButton, "Merge").isEnabled())
    driver.push("Show prompt")
    assert driver.find(QPlainTextEdit, "Prompt preview").toPlainText().startswith("Reime.")
    driver.press("Esc")
    assert not popover.isVisible()
    assert driver.focused is driver.window.workspace.prompt_editor
    driver.press("Ctrl+Shift+M")
    assert driver.find(QPlainTextEdit, "Instruction").toPlainText() == "Reime.\n" * 3
