"""The window by keyboard and by a screen reader: where Tab goes, where the keyboard stays, what a toggle does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import ContextRule
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from desktop.settings.schema import DEFAULT_MODEL
from tests.desktop.store.made import said
from tests.examples import alike
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.model_facts import ModelFacts
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.welcome import Card
from ui.sidebar.entries import SidebarItem
from ui.window import window_state
from ui.window.main_window import MainWindow


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """A window with an empty comparison of three panes."""
    kept = (await services.store()).conversations
    for title in ("One", "Two", "Three"):
        await kept.create(said(f"About {title}", title))
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1600, 900)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded and made.isActiveWindow())
    made.desk.new_comparison()
    made.desk.add_pane()
    yield made
    made.workspace.stop_all()
    await tasks.settle(2)


def focused() -> QWidget:
    at = QApplication.focusWidget()
    assert at is not None
    return at


async def test_tab_goes_from_pane_to_pane_and_round_also_where_a_conversation_is_shown(window: MainWindow) -> None:
    line = window.workspace.line
    line[1].show_conversation(said("Why?", "Sky"))
    await until(line[1].transcript.isVisible)
    window.workspace.places.focus(0)
    visited: list[QWidget] = []
    for _ in range(80):
        visited.append(focused())
        QTest.keyClick(visited[-1], Qt.Key.Key_Tab)
    panes = [next((at for at, pane in enumerate(line) if pane.isAncestorOf(each)), -1) for each in visited]
    assert [pane for at, pane in enumerate(panes) if not at or pane != panes[at - 1]][:5] == [0, 1, 2, -1, 0]
    assert {window.title.more, window.sidebar.settings} <= set(visited)


async def test_going_to_an_empty_pane_is_going_to_its_model(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert focused() is window.workspace.line[1].header.model


async def test_a_model_that_was_chosen_leaves_the_keyboard_where_prompts_are_typed(window: MainWindow) -> None:
    pane = window.workspace.line[1]
    window.workspace.places.focus(1)
    pane._going_on.choose_model(ModelRef(connection="lab", name="another"))
    assert focused() is window.workspace.composer.editor


async def test_panes_side_by_side_repeat_no_examples(window: MainWindow) -> None:
    cards = [each for pane in window.workspace.line for each in pane.body.welcome.findChildren(Card)]
    assert not any(each.isVisible() for each in cards)
    assert "every pane whose chip is on" in window.workspace.line[0].body.welcome.said
    window.desk.new_chat()
    assert all(each.isVisible() for each in window.workspace.line[0].body.welcome.findChildren(Card))


async def test_a_comparison_without_a_title_is_no_chat(window: MainWindow) -> None:
    assert window.title.text == "New comparison"
    window.desk.new_chat()
    assert window.title.text == "New chat"


async def test_a_toggle_without_a_click_does_what_a_press_does(window: MainWindow) -> None:
    window.title.differences.toggle()
    assert window.drawer.panel is not None
    window.title.prompts.toggle()
    assert window.workspace.prompts.is_on
    window.workspace.common.chips.findChildren(QWidget)[0].setProperty("checked", False)
    assert window.workspace.line.on == (False, True, True)


async def test_a_rule_is_chosen_by_arrow_and_return(window: MainWindow) -> None:
    window.title.rule.click()
    assert focused().accessibleName() == "Own"
    QTest.keyClick(focused(), Qt.Key.Key_Down)
    assert window.workspace.sending.rule is ContextRule.OWN
    assert focused().accessibleName() == "Winner"
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert window.workspace.sending.rule is ContextRule.WINNER
    assert "Winner" in window.title.rule.text()


async def test_a_change_of_the_list_leaves_the_keyboard_where_it_is_in_it(window: MainWindow) -> None:
    listed = window.sidebar.list
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_Home)
    first = listed.current_item
    assert isinstance(first, SidebarItem)
    shown = first.conversation
    window.desk.open_conversation(shown.id)
    await until(lambda: window.desk.shown_id == shown.id)
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_End)
    last = listed.current_item
    assert isinstance(last, SidebarItem)
    assert last.conversation.id != shown.id
    window.sidebar.mark_opened(shown.id)
    assert listed.current_item == last
    QTest.keyClick(listed, Qt.Key.Key_Home)
    assert listed.currentIndex().row() == 1  # a heading is above it


async def test_what_is_shown_is_remembered_before_the_window_closes(window: MainWindow, services: Services) -> None:
    shown = window.sidebar.library.conversations[0]
    window.desk.open_conversation(shown.id)
    await until(lambda: window_state.load(services.paths.config).shown == shown.id)


async def test_the_menu_key_is_about_the_row_with_the_keyboard(window: MainWindow) -> None:
    listed = window.sidebar.list
    listed.setFocus()
    QTest.keyClick(listed, Qt.Key.Key_End)
    assert listed.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle) == listed.visualRect(listed.currentIndex())


async def test_the_embedded_model_is_offered_beside_another_default(window: MainWindow, services: Services) -> None:
    other = ModelRef(connection="lab", name="another")
    services.use(services.settings.set(DEFAULT_MODEL, str(other)))
    assert ModelFacts(services).known() == [other, ModelRef(connection="embedded", name="smollm2")]
    assert ModelFacts(services).another(other).connection == "embedded"


@pytest.mark.parametrize("at", ["field", "messages"])
async def test_f3_goes_on_in_the_conversation_while_words_are_found_there(window: MainWindow, at: str) -> None:
    window.sidebar.focus_search()
    QTest.keyClicks(focused(), "About")
    await until(lambda: len(window.sidebar.finding.hits or ()) == 3)
    hits = window.sidebar.list.currentIndex()
    pane = window.workspace.line[0]
    pane.show_conversation(said("Word, a word, a word"))
    await until(pane.transcript.isVisible)
    pane.transcript.open_find()
    QTest.keyClicks(focused(), "word")
    bar = pane.transcript._find()
    await until(lambda: bar.count_text == "1/3")
    if at == "messages":
        pane.transcript.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_F3)
    assert bar.count_text == "2/3"
    QTest.keyClick(focused(), Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(focused(), Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count_text == "3/3"
    assert window.sidebar.list.currentIndex() == hits


async def test_where_no_model_is_found_it_is_said_how_one_is_named(window: MainWindow) -> None:
    window.desk.new_chat()
    QTest.mouseClick(window.workspace.line[0].header.model, Qt.MouseButton.LeftButton)
    await until(lambda: focused().accessibleName() == "Search models")
    QTest.keyClicks(focused(), "nothing-is-called-so")
    listed = next(each for each in window.findChildren(QListView) if each.accessibleName() == "Models")
    shown = [listed.model().index(row, 0) for row in range(listed.model().rowCount())]
    assert [index.data(Qt.ItemDataRole.AccessibleTextRole) for index in shown] == [
        "No matching models, To use a model that is not listed, type connection/model"
    ]
    assert not shown[0].flags() & Qt.ItemFlag.ItemIsSelectable
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert listed.isVisible()


@pytest.mark.parametrize("key", alike(1, [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space]))
async def test_enter_presses_a_button_that_has_the_keyboard(window: MainWindow, key: Qt.Key) -> None:
    figures = finding.button(window.title, "Figures")
    figures.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(figures, key)
    assert window.drawer.panel is not None
    assert not window.workspace.prompt_editor.toPlainText()


async def test_esc_in_the_message_field_closes_the_panel_that_a_key_opened(window: MainWindow) -> None:
    window.workspace.focus_composer()
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.drawer.panel is not None
    QTest.keyClick(window.workspace.prompt_editor, Qt.Key.Key_Escape)
    assert window.drawer.panel is None
    assert window.workspace.prompt_editor.hasFocus()
