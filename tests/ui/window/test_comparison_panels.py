"""Panels beside the panes, and answers that are chosen, in the window."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from desktop.domain.comparison import ContextRule, PaneState, new_comparison
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.finding import button, named
from tests.ui.waiting import until
from tests.ui.workspace.test_badge_awards import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.composer.prompt import Prompt
from ui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[MainWindow]:
    """The window with a comparison of two answers. It is closed here: what it keeps at its end needs the loop."""
    made = MainWindow(services, tasks, themes)
    made.resize(1600, 900)
    made.show()
    await made.settle_in()
    talks = [talk("a", 90, 0.2), talk("b", 60, 0.1)]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    made.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    await until(made.isActiveWindow)
    yield made
    made.workspace.stop_all()
    await until(lambda: not made.workspace.is_answering)
    await tasks.settle(2)
    made.close()
    await tasks.settle(2)
    made.deleteLater()


async def test_figures_open_and_close_by_button_and_by_key(window: MainWindow) -> None:
    window.title.figures.click()
    panel = window.drawer.panel
    assert isinstance(panel, FiguresPanel)
    assert panel.isVisible()
    assert [bar.text for bar in panel.charts["Tokens per second"].bars] == ["90", "60"]
    assert window.title.figures.isChecked()
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    assert window.drawer.panel is None
    assert not window.title.figures.isChecked()
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    assert window.drawer.panel is panel


async def test_one_panel_is_open_at_a_time(window: MainWindow) -> None:
    window.title.figures.click()
    figures = window.drawer.panel
    assert figures is not None
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    panel = window.drawer.panel
    assert isinstance(panel, DifferencesPanel)
    assert not figures.isVisible()
    assert panel.state == "Identical, word for word."
    named(panel, QToolButton, "Close differences").click()
    assert window.drawer.panel is None
    assert window.workspace.composer.editor.hasFocus()


async def test_a_panel_stands_beside_comparisons_only(window: MainWindow) -> None:
    window.title.figures.click()
    comparison = window.workspace.comparison
    assert comparison is not None
    window.desk.new_chat()
    assert window.drawer.panel is None
    assert not window.title.figures.isVisible()
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    assert window.drawer.panel is None
    assert any("several panes" in text for text in window.notices.texts)
    window.workspace.show_comparison(comparison, {})
    assert isinstance(window.drawer.panel, FiguresPanel)


async def test_the_panel_follows_what_is_answered(window: MainWindow) -> None:
    window.title.figures.click()
    panel = window.drawer.panel
    assert isinstance(panel, FiguresPanel)
    window.workspace.sending.send(Prompt("And now?"))
    await until(lambda: not window.workspace.is_answering)
    await until(lambda: [line.ending for line in panel.lines] == ["stop", "stop"])
    assert panel.charts["Tokens per second"].bars[0].text != "90"
    button(panel, "Turns: All turns").click()
    assert [line.answers for line in panel.lines] == [2, 2]


async def test_a_narrow_window_shows_the_panel_alone(window: MainWindow) -> None:
    window.title.figures.click()
    window.resize(560, 800)
    await until(lambda: not window.workspace.isVisible())
    window.title.figures.click()
    assert window.workspace.isVisible()


async def test_a_panel_that_stands_alone_has_the_keyboard(window: MainWindow) -> None:
    window.resize(560, 800)
    QApplication.processEvents()
    window.workspace.prompt_editor.setFocus()
    window.comparing.toggle_differences()
    await until(lambda: not window.workspace.isVisible())
    panel, focused = window.drawer.panel, window.focusWidget()
    assert panel is not None
    assert focused is not None
    assert panel.isAncestorOf(focused)


async def test_a_panel_is_as_wide_as_it_was_dragged(window: MainWindow) -> None:
    window.title.figures.click()
    drawer = window.drawer
    drawer.setSizes([drawer.width() - 500, 500])
    drawer.splitterMoved.emit(drawer.width() - 500, 1)
    window.title.figures.click()
    window.title.figures.click()
    assert drawer.panel is not None
    assert abs(drawer.panel.width() - 500) < 5


async def test_an_answer_is_chosen_by_menu_and_by_key(window: MainWindow) -> None:
    workspace = window.workspace
    workspace.set_rule(ContextRule.WINNER)
    pane = workspace.line[1]
    pane.header.more.click()
    menu = pane.header.findChild(QMenu)
    assert menu is not None
    action = next(each for each in menu.actions() if each.text() == "Choose this answer")
    menu.close()
    action.trigger()
    assert workspace.sending.winner(0) is pane
    assert window.notices.texts == ()
    workspace.places.focus(0)
    QTest.keyClick(window, Qt.Key.Key_Y, CONTROL)
    assert workspace.sending.winner(0) is workspace.line[0]


async def test_a_choice_that_has_no_effect_yet_offers_the_rule_in_which_it_has(window: MainWindow) -> None:
    window.workspace.line.choose_wanted.emit(window.workspace.line[1])
    assert any("own history" in text for text in window.notices.texts)
    button(window.notices, "Continue from chosen responses").click()
    assert window.workspace.sending.rule is ContextRule.WINNER


async def test_what_is_offered_of_an_answer_goes_with_its_comparison(window: MainWindow) -> None:
    window.workspace.line.choose_wanted.emit(window.workspace.line[1])
    window.workspace.line.choose_wanted.emit(window.workspace.line[0])
    assert len(window.notices.texts) == 1  # not one below the other for two answers
    other = talk("c", 90, 0.2)
    window.workspace.show_comparison(new_comparison((PaneState(conversation=other.id, model=REF),)), {other.id: other})
    assert window.notices.texts == ()


async def test_the_same_key_takes_the_mark_off_again_and_the_window_says_so(window: MainWindow) -> None:
    window.workspace.places.focus(1)
    for chosen, said in ((True, "own history"), (False, "no longer marked")):
        QTest.keyClick(window, Qt.Key.Key_Y, CONTROL)
        assert window.workspace.sending.winner(0) is (window.workspace.line[1] if chosen else None)
        assert len(window.notices.texts) == 1
        assert said in window.notices.texts[0]
        await until(lambda chosen=chosen: window.workspace.line[1].header.chosen is chosen)


async def test_reading_in_step_is_turned_on_in_the_menu_of_layouts(window: MainWindow) -> None:
    for expected in (True, False):
        window.title.more.click()
        menu = window.title.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]
        layouts = next(each.menu() for each in menu.actions() if each.text() == "Layout")
        assert isinstance(layouts, QMenu)
        step = next(each for each in layouts.actions() if each.text() == "Scroll together")
        assert step.isChecked() is not expected
        menu.close()
        step.trigger()
        assert window.workspace.steps.is_on is expected


async def test_panels_take_another_theme(window: MainWindow, themes: Themes) -> None:
    window.title.figures.click()
    panel = window.drawer.panel
    assert isinstance(panel, FiguresPanel)
    before = panel.time.bars[0].colour
    themes.choose("dark")
    assert panel.time.bars[0].colour != before
    assert panel.time.bars[0].colour == themes.current.mark(REF)
    themes.choose("light")


async def test_a_panel_that_takes_the_place_of_another_takes_the_keyboard_too(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_G, CONTROL)
    panel = window.drawer.panel
    assert panel is not None
    panel.findChildren(QToolButton)[0].setFocus()
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    other, focused = window.drawer.panel, window.focusWidget()
    assert other is not panel
    assert other is not None
    assert focused is not None
    assert other.isAncestorOf(focused)
