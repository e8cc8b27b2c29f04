"""Where panes stand in the window: how many fit, how a grid flows, which is in view, which is shown alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QListView, QToolButton

from desktop.domain.comparison import Arrangement, PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.model_picker import PickerField


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Driver]:
    del qapp
    async with driven(services, tasks, themes, width=1600, height=1000) as driver:
        yield driver


def compare(driver: Driver, count: int, arrangement: Arrangement = Arrangement.ROW) -> None:
    states = tuple(PaneState(conversation="", model=ModelRef(connection="lab", name=f"m{n}")) for n in range(count))
    driver.window.workspace.show_comparison(new_comparison(states), {})
    driver.window.workspace.set_arrangement(arrangement)
    QApplication.processEvents()


def columns(driver: Driver) -> int:
    return len({pane.x() for pane in driver.window.workspace.line})


def in_view(driver: Driver, place: int) -> bool:
    area, pane = driver.window.workspace.area, driver.window.workspace.line[place]
    seen = area.viewport().rect()
    return all(seen.contains(pane.mapTo(area.viewport(), at)) for at in (QPoint(1, 9), QPoint(pane.width() - 2, 9)))


async def test_four_panes_fit_beside_the_sidebar_without_a_sideways_bar(driver: Driver) -> None:
    compare(driver, 4)
    assert driver.window.sidebar.isVisible()
    assert not driver.window.workspace.area.horizontalScrollBar().isVisible()
    assert all(in_view(driver, place) for place in range(4))
    assert all(pane.minimumSizeHint().width() <= pane.width() for pane in driver.window.workspace.line)


async def test_a_row_becomes_a_grid_when_a_panel_opens_and_is_a_row_again_when_it_closes(driver: Driver) -> None:
    driver.window.resize(1400, 1000)
    compare(driver, 3)
    assert columns(driver) == 3
    driver.push("Figures")
    QApplication.processEvents()
    assert columns(driver) == 2
    assert not driver.window.workspace.area.horizontalScrollBar().isVisible()
    driver.push("Figures")
    QApplication.processEvents()
    assert columns(driver) == 3


def is_whole(driver: Driver, place: int) -> bool:
    """Whether all of a pane is seen."""
    area, pane = driver.window.workspace.area, driver.window.workspace.line[place]
    corner = pane.mapTo(area.viewport(), QPoint(0, 0))
    return area.viewport().rect().adjusted(-1, -1, 1, 1).contains(QRect(corner, pane.size()))


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("arrangement", Arrangement)
async def test_eight_panes_are_seen_whole_in_usual_windows(
    driver: Driver, size: tuple[int, int], percent: int, arrangement: Arrangement
) -> None:
    driver.window.resize(*size)
    driver.window._text_size.set_percent(percent)
    compare(driver, 8, arrangement)
    await driver.until(lambda: all(is_whole(driver, place) for place in range(8)))
    area = driver.window.workspace.area
    assert not area.horizontalScrollBar().isVisible()
    assert not area.verticalScrollBar().isVisible()


async def test_headers_of_many_panes_collapse_to_one_line_with_the_figures_and_expand_again(driver: Driver) -> None:
    compare(driver, 8)
    await driver.answered("Why?")
    pane = driver.window.workspace.line[0]
    names = {"Maximize pane", "Close pane"}
    shown = {each.accessibleName() for each in pane.header.findChildren(QToolButton) if each.isVisible()}
    assert not shown & names
    assert pane.header.height() == 28
    assert pane.figures.isVisible()
    assert pane.header.isAncestorOf(pane.figures)
    assert names <= {action.text() for action in pane.header.menu().actions()}
    driver.window.workspace.places.maximise(pane)
    assert pane.header.height() == 40
    await driver.until(lambda: pane.figures.y() > pane.body.y())
    assert driver.sees("Close pane")


async def test_a_grid_that_scrolls_comes_to_rest_on_whole_lines(driver: Driver) -> None:
    driver.window.resize(560, 440)
    compare(driver, 8)
    area = driver.window.workspace.area
    assert any(is_whole(driver, place) for place in range(8))
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum() // 2 + 20)
    area_rect = area.viewport().rect()

    def cut() -> list[int]:
        tops = [pane.mapTo(area.viewport(), QPoint(0, 0)).y() for pane in driver.window.workspace.line]
        seen = [at for at, top in enumerate(tops) if top < area_rect.height() - 2 and top > -area_rect.height()]
        return [at for at in seen if tops[at] > -2 and not is_whole(driver, at)]

    await driver.until(lambda: not cut())
    assert area.verticalScrollBar().value() > 0


async def test_a_pane_that_is_added_is_scrolled_to(driver: Driver) -> None:
    driver.window.resize(560, 440)
    compare(driver, 5)
    assert not in_view(driver, 4)
    driver.window.desk.add_pane()
    await driver.until(lambda: in_view(driver, 5))
    assert not in_view(driver, 0)


async def test_a_pane_that_was_put_back_is_scrolled_to(driver: Driver) -> None:
    driver.window.resize(560, 440)
    compare(driver, 6)
    driver.window.workspace.places.close_pane(driver.window.workspace.line[5])
    assert driver.window.workspace.area.verticalScrollBar().value() == 0
    driver.push("Undo")
    await driver.until(lambda: in_view(driver, 5))


async def test_a_maximised_pane_says_how_many_are_hidden_and_a_press_shows_them(driver: Driver) -> None:
    compare(driver, 4)
    driver.push("Maximize pane")
    assert [pane.isVisible() for pane in driver.window.workspace.line] == [True, False, False, False]
    assert driver.button("Show all panes").accessibleDescription() == "Show all panes"
    driver.push("3 panes hidden")
    assert all(pane.isVisible() for pane in driver.window.workspace.line)
    assert not driver.sees("3 panes hidden")
    assert not driver.sees("Show all panes")


async def test_a_pane_that_is_gone_to_by_key_is_shown_in_place_of_the_maximised_one(driver: Driver) -> None:
    compare(driver, 3)
    driver.push("Maximize pane")
    driver.press("Ctrl+3")
    assert [pane.isVisible() for pane in driver.window.workspace.line] == [False, False, True]
    driver.push("2 panes hidden")
    assert all(pane.isVisible() for pane in driver.window.workspace.line)


def models(driver: Driver) -> list[str]:
    return [pane.conversation.model.name for pane in driver.window.workspace.line]


async def test_what_is_done_from_the_field_of_all_is_done_with_the_pane_one_was_in_last(driver: Driver) -> None:
    compare(driver, 3)
    driver.press("Ctrl+2")
    driver.press("Ctrl+L")
    driver.press("Ctrl+3")
    driver.press("Ctrl+L")
    assert driver.focused is driver.window.workspace.composer.editor
    assert driver.window.workspace.pane is driver.window.workspace.line[2]
    driver.press("Ctrl+2")
    driver.press("Ctrl+L")
    driver.press("Ctrl+K")
    driver.type("close pane")
    driver.press("Return")
    await driver.until(lambda: models(driver) == ["m0", "m2"])


async def test_a_pane_that_comes_back_takes_part_no_more_than_before(driver: Driver) -> None:
    compare(driver, 3)
    workspace = driver.window.workspace
    workspace.common.chips.toggled.emit(1)
    workspace.places.close_pane(workspace.line[1])
    workspace.places.close_pane(workspace.line[0])
    for _ in range(2):
        driver.press("Ctrl+Alt+Z")
    assert models(driver) == ["m0", "m1", "m2"]
    assert list(workspace.line.on) == [True, False, True]


async def test_the_model_of_a_pane_is_chosen_before_the_pane_is_added(driver: Driver) -> None:
    compare(driver, 2)
    driver.push("Add pane")
    assert isinstance(driver.focused, PickerField)
    assert models(driver) == ["m0", "m1"]
    driver.press("Esc")
    driver.push("Add pane")
    driver.type("lab/gamma")
    driver.press("Return")
    assert models(driver) == ["m0", "m1", "gamma"]
    assert driver.window.workspace.composer.editor.hasFocus()
    assert [pane.conversation.messages for pane in driver.window.workspace.line] == [()] * 3


async def test_enter_adds_the_proposed_model_even_before_its_server_has_listed_it(
    driver: Driver, provider: ScriptedProvider
) -> None:
    provider.infos = [ModelInfo(name="beta")]
    await driver.window._services.gateway.models("lab")
    driver.window.workspace.start_new(ModelRef.parse("lab/alpha"))
    proposed = driver.window.desk.proposed_model
    driver.press("Ctrl+D")
    chosen = driver.find(QListView, "Models").currentIndex().data()
    driver.press("Return")
    assert proposed.name in chosen
    assert [pane.conversation.model for pane in driver.window.workspace.line] == [ModelRef.parse("lab/alpha"), proposed]


async def test_a_full_comparison_says_so_instead_of_asking_for_a_model(driver: Driver) -> None:
    compare(driver, 8)
    driver.press("Ctrl+D")
    assert not isinstance(driver.focused, PickerField)
    assert any("can have up to 8 panes" in said for said in driver.notices)
