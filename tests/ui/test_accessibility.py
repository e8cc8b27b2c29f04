"""Every window, dialog and popover of the program: each control has a name, and the Tab key reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.domain.comparison import PaneState, new_comparison
from desktop.services import Services
from desktop.settings.option import SettingsPage
from tests.desktop.store.made import said
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.edit_dialog import EditConnectionDialog
from ui.transcript.list.message_list import MessageList
from ui.widgets.popover import Popover
from ui.window.main_window import MainWindow

INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QTabBar,
)
MOST = 200
"""So many presses of Tab are enough for any window."""


@pytest.fixture
async def window(services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[MainWindow]:
    """The window with a conversation that can be opened."""
    await (await services.store()).conversations.create(said("Why is the sky blue?", "Sky"))
    made = MainWindow(services, tasks, themes)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    await made.settle_in()
    await until(lambda: made.sidebar.library.loaded and made.isActiveWindow())
    yield made
    made.pane.stop()
    await tasks.settle(0.5)


def name(control: QWidget) -> str:
    """What a screen reader is told that a control is called."""
    told = QAccessible.queryAccessibleInterface(control)
    return told.text(QAccessible.Text.Name) if told else ""


def controls(top: QWidget) -> list[QWidget]:
    """What can be worked with in a window as it stands; parts of a control are not counted beside it."""
    return [
        each
        for each in top.findChildren(QWidget)
        if isinstance(each, INTERACTIVE)
        and each.window() is top.window()
        and each.isVisible()
        and each.isEnabled()
        and not isinstance(each.parent(), (QAbstractSpinBox, QComboBox))
        and not each.objectName().startswith("qt_")
        and not (isinstance(each, MessageList) and not each.model().rowCount())  # the welcome lies over it
    ]


def tabbed(top: QWidget) -> set[QWidget]:
    """Every widget that has the keyboard at some time while Tab is pressed."""
    reached: set[QWidget] = set()
    for _ in range(MOST):
        at = QApplication.focusWidget() or top.focusWidget() or top
        if at in reached:
            break
        reached.add(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    return reached


def unreached(top: QWidget) -> list[str]:
    """Controls that Tab does not reach; of buttons of which one is chosen, the arrows reach the others."""
    reached = tabbed(top)
    reached |= {each.focusProxy() for each in reached if each.focusProxy()}
    groups = [each.group() for each in reached if isinstance(each, QAbstractButton) and each.group()]
    return [
        f"{type(each).__name__} “{name(each)}”"
        for each in controls(top)
        if each not in reached
        and each.focusProxy() not in reached
        and not (isinstance(each, QAbstractButton) and each.group() in groups)
    ]


def nameless(top: QWidget) -> list[str]:
    """Controls, and all else that takes the keyboard, without a name."""
    focusable = [
        each
        for each in top.findChildren(QWidget)
        if each.isVisible() and each.isEnabled() and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not isinstance(each.parent(), (QAbstractSpinBox, QComboBox)) and not each.objectName().startswith("qt_")
    ]
    return [repr(each) for each in {*controls(top), *focusable} if not name(each).strip()]


async def opened(within: QWidget, do: Callable[[], object]) -> QWidget:
    """The window that something opens, active."""
    before = {each for each in QApplication.topLevelWidgets() if each.isVisible()}

    def fresh() -> QWidget | None:
        found = [each for each in QApplication.topLevelWidgets() if each.isVisible() and each not in before]
        return found[-1] if found else None

    do()
    await until(fresh)
    top = fresh()
    assert top is not None
    if top.windowType() != Qt.WindowType.Popup:
        await until(top.isActiveWindow)
    return top


async def test_an_empty_chat(window: MainWindow) -> None:
    assert nameless(window) == []
    assert unreached(window) == []


async def test_a_conversation(window: MainWindow) -> None:
    first = window.sidebar.library.conversations[0]
    window.desk.open_conversation(first.id)
    await until(lambda: window.pane.conversation_id == first.id and window.pane.transcript.isVisible())
    assert nameless(window) == []
    assert unreached(window) == []


@pytest.mark.parametrize("wanted", ["model_wanted", "parameters_wanted", "system_wanted"])
async def test_a_popover_of_the_pane(window: MainWindow, wanted: str) -> None:
    getattr(window.pane.header, wanted).emit()
    popover = next(each for each in window.findChildren(Popover) if each.isVisible())
    assert name(popover)
    assert nameless(popover) == []
    assert unreached(popover) == []
    popover.hide()


async def test_the_dialog_that_adds_a_connection(window: MainWindow) -> None:
    dialog = await opened(window, window.add_connection)
    kinds = [each for each in dialog.findChildren(QAbstractButton) if each.group() and each.isVisible()]
    assert kinds
    for kind in kinds:
        kind.click()
        assert (kind.text(), nameless(dialog), unreached(dialog)) == (kind.text(), [], [])
    dialog.close()


async def test_the_dialog_that_changes_a_connection(
    window: MainWindow, services: Services, tasks: Tasks, themes: Themes
) -> None:
    made = EditConnectionDialog(services.settings.connection("lab"), services, tasks, themes, window)
    dialog = await opened(window, made.open)
    assert nameless(dialog) == []
    assert unreached(dialog) == []
    dialog.close()


@pytest.mark.parametrize("panel", ["Figures", "Differences"])
async def test_a_comparison_and_its_panels(window: MainWindow, panel: str) -> None:
    window.desk.new_comparison()
    window.desk.add_pane()
    named = next(each for each in (window.title.figures, window.title.differences) if each.text() == panel)
    named.click()
    await until(lambda: window.drawer.panel is not None)
    assert nameless(window) == []
    assert unreached(window) == []


@pytest.mark.parametrize("button", ["Context rule", "Merge answers"])
async def test_a_popover_of_a_comparison(window: MainWindow, button: str) -> None:
    talks = [said("Why is the sky blue?", "Sky"), said("Why is the sky blue?", "Blue")]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    next(each for each in (window.title.rule, window.title.merge) if each.accessibleName() == button).click()
    popover = next(each for each in window.findChildren(Popover) if each.isVisible())
    assert name(popover) == button
    assert nameless(popover) == []
    assert [each for each in unreached(popover) if not each.startswith("RuleButton")] == []  # arrows reach rules
    popover.hide()


async def test_the_filters_of_the_search(window: MainWindow) -> None:
    window.sidebar.focus_search()
    window.sidebar.search_field.insert("sky is:pinned ")
    await until(window.sidebar.finding.isVisible)
    assert nameless(window.sidebar) == []
    assert unreached(window.sidebar) == []


async def test_the_dialog_of_tags(window: MainWindow) -> None:
    ids = (window.sidebar.library.conversations[0].id,)
    dialog = await opened(window, lambda: window.sidebar.list.tags_asked.emit(ids))
    assert nameless(dialog) == []
    assert unreached(dialog) == []
    dialog.close()


async def test_the_preview_of_a_backup(window: MainWindow, services: Services) -> None:
    store = await services.store()
    await store.backup_daily()
    await store.conversations.trash([window.sidebar.library.conversations[0].id])
    await opened(window, window.setup.open_settings)
    settings = window.setup.settings
    assert settings is not None
    settings.show_page(SettingsPage.STORAGE)

    def restore() -> QAbstractButton | None:
        named = (each for each in settings.findChildren(QAbstractButton) if each.isVisible())
        return next((each for each in named if name(each).startswith("Restore backup from")), None)

    await until(restore)
    button = restore()
    assert button is not None
    button.click()
    await until(lambda: any(name(each) == "Replace everything" for each in controls(settings)))
    assert nameless(settings) == []
    assert unreached(settings) == []
    settings.close()


async def test_every_page_of_the_settings(window: MainWindow) -> None:
    await opened(window, window.setup.open_settings)
    settings = window.setup.settings
    assert settings is not None
    for page in settings.pages:
        settings.list.setCurrentRow(settings.pages.index(page))
        assert (page.title, nameless(settings), unreached(settings)) == (page.title, [], [])
    settings.close()
