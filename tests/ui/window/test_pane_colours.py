"""A pane is told by one colour: the same after a restart, and in the list of conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from tests.desktop.store.made import conversation
from tests.ui.driver import Driver, driven
from tests.ui.window.test_held_back import comparison, send
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Driver]:
    """A window with three chats."""
    del qtbot
    talks = [conversation(title=title) for title in ("Sky", "Sea", "Sun")]
    async with driven(services, tasks, themes, *talks, width=1500, height=820) as made:
        yield made


async def test_it_stays_when_the_comparison_is_opened_again(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.show_comparison(comparison(*(ModelRef.parse(f"lab/gpt-{n}") for n in range(4))), {})
    await send(driver, "Why?")
    workspace.places.close_pane(workspace.line[0])
    colours = [pane.colour for pane in workspace.line]
    shown = workspace.comparison
    assert shown is not None
    driver.press("Ctrl+N")
    await driver.until(lambda: workspace.comparison is None)
    await driver.until(lambda: driver.window.sidebar.library.comparison(shown.id))
    driver.window.desk.open_comparison(shown.id)
    await driver.until(lambda: workspace.comparison is not None)
    assert [pane.colour for pane in workspace.line] == colours


async def test_the_list_has_the_colours_of_panes(driver: Driver) -> None:
    workspace = driver.window.workspace
    refs = [ModelRef.parse(f"lab/gpt-{n}") for n in range(3)]
    workspace.show_comparison(comparison(*refs), {})
    marks = driver.window.sidebar.list.delegate.marks
    assert [marks[ref] for ref in refs] == [pane.mark for pane in workspace.line]


async def test_what_is_shown_looks_otherwise_than_rows_that_are_chosen(driver: Driver, themes: Themes) -> None:
    rows = driver.window.sidebar.list
    shown = rows.entries.row_of(driver.window.desk.shown_id)
    selectable = Qt.ItemFlag.ItemIsSelectable
    indexes = [rows.entries.index(row) for row in range(rows.entries.rowCount())]
    others = [each.row() for each in indexes if each.row() != shown and each.flags() & selectable][:2]

    def ground(row: int) -> str:
        place = rows.visualRect(rows.entries.index(row))
        return driver.pixels(rows.viewport()).pixelColor(place.right() - 14, place.bottom() - 3).name().upper()

    for row in others:
        at = rows.visualRect(rows.entries.index(row)).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)
    at = rows.visualRect(rows.entries.index(shown)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)
    assert [ground(row) for row in others] == [themes.current.tint.upper()] * 2
    assert ground(shown) == themes.current.bubble.upper()


async def test_a_model_keeps_its_colour_as_long_as_the_program_runs(driver: Driver) -> None:
    workspace, marks = driver.window.workspace, driver.window.sidebar.list.delegate
    refs = [ModelRef.parse(f"lab/gpt-{n}") for n in range(3)]
    workspace.show_comparison(comparison(*refs), {})
    kept = {ref: pane.mark for ref, pane in zip(refs, workspace.line, strict=True)}
    closed = workspace.line[1]
    workspace.places.close_pane(workspace.line[2])
    workspace.places.close_pane(closed)
    workspace.places.put_back(closed, 1)
    assert [pane.mark for pane in workspace.line] == [kept[ref] for ref in refs[:2]]
    for ref in reversed(refs):
        workspace.start_new(ref)
        assert workspace.pane.mark == kept[ref]
        assert {ref: marks.marks[ref] for ref in refs} == kept
    workspace.show_comparison(comparison(*reversed(refs)), {})
    assert [pane.mark for pane in workspace.line] == [kept[ref] for ref in reversed(refs)]


def squares(driver: Driver) -> dict[str, str]:
    """The color that each pane's header paints along its top, by the name of its model."""
    panes = driver.window.workspace.line
    found = [driver.pixels(pane.header).pixelColor(pane.width() // 2, 0).name().upper() for pane in panes]
    return {pane.conversation.model.name: colour for pane, colour in zip(panes, found, strict=True)}


async def test_a_model_has_its_colour_after_a_restart_and_in_other_company(
    driver: Driver, services: Services, tasks: Tasks, themes: Themes
) -> None:
    refs = [ModelRef.parse(f"lab/gpt-{n}") for n in range(8)]
    driver.window.workspace.show_comparison(comparison(*refs), {})
    before = squares(driver)
    assert len({*before.values()}) == 8
    driver.window.remember()
    async with driven(services, tasks, themes, width=1500, height=820) as again:
        rows = again.window.sidebar.list.delegate
        assert {themes.current.panes[rows.marks[ref]] for ref in refs} == {*before.values()}
        again.window.workspace.show_comparison(comparison(*reversed(refs[3:])), {})
        assert squares(again).items() <= before.items()
        again.window.workspace.start_new(refs[5])
        assert squares(again)["gpt-5"] == before["gpt-5"]


async def test_another_theme_keeps_which_colour_a_model_has(driver: Driver, themes: Themes) -> None:
    refs = [ModelRef.parse(f"lab/gpt-{n}") for n in range(8)]
    driver.window.workspace.show_comparison(comparison(*refs), {})
    themes.choose("dark")
    marks = driver.window.sidebar.list.delegate.marks
    assert squares(driver) == {ref.name: themes.current.panes[marks[ref]] for ref in refs}


async def test_a_model_keeps_its_colour_where_another_pane_of_a_comparison_has_it(driver: Driver) -> None:
    workspace = driver.window.workspace
    refs = [ModelRef.parse(f"lab/gpt-{n}") for n in range(10)]
    for ref in refs:
        workspace.start_new(ref)
    own = {ref: driver.window.sidebar.list.delegate.marks[ref] for ref in refs}
    twins = next(pair for pair in combinations(refs, 2) if own[pair[0]] == own[pair[1]])
    workspace.show_comparison(comparison(*twins), {})
    assert len({*squares(driver).values()}) == 2
    workspace.start_new(twins[1])
    assert workspace.pane.mark == own[twins[1]]


async def test_a_chat_that_goes_to_another_model_has_the_colour_of_that(driver: Driver) -> None:
    workspace = driver.window.workspace
    workspace.start_new(ModelRef.parse("lab/gpt-1"))
    workspace.pane.start_new(ModelRef.parse("lab/grok-4"))
    assert workspace.pane.mark == driver.window.sidebar.list.delegate.marks[ModelRef.parse("lab/grok-4")] == 0
