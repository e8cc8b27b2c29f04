"""The window's commands: each an action with its name and shortcut, in menus and by keyboard alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ui.sidebar.entries import Order
from ui.sidebar.sidebar import SEARCH_SHORTCUT, Sidebar
from ui.theme import CHOICES, Choice, Themes

_THEMES: dict[Choice, str] = {
    "system": "As the system",
    "light": "Light",
    "dark": "Dark",
    "high-contrast": "High contrast",
}
_ORDERS = {Order.MODEL: "By model", Order.DATE: "By date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doings:
    """What the commands do."""

    new_chat: Callable[[], None]
    search: Callable[[], None]
    rename: Callable[[], None]
    trash: Callable[[], None]
    toggle_sidebar: Callable[[], None]
    quit: Callable[[], object]
    add_connection: Callable[[], None] | None


def install(window: QWidget, doings: Doings) -> dict[str, QAction]:
    """Put the commands on the window, by name."""
    table: tuple[tuple[str, QKeySequence, Callable[[], object]], ...] = (
        ("New chat", QKeySequence(QKeySequence.StandardKey.New), doings.new_chat),
        ("Search conversations", SEARCH_SHORTCUT, doings.search),
        ("Rename", QKeySequence("F2"), doings.rename),
        ("Move to trash", QKeySequence(), doings.trash),
        ("Show or hide the sidebar", QKeySequence("Ctrl+B"), doings.toggle_sidebar),
        ("Quit", QKeySequence("Ctrl+Q"), doings.quit),
    )
    made: dict[str, QAction] = {}
    for name, shortcut, do in table:
        action = QAction(name, window)
        action.setShortcut(shortcut)
        action.triggered.connect(do)
        window.addAction(action)
        made[name] = action
    made["Quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return made


def settings_menu(window: QWidget, themes: Themes, sidebar: Sidebar, doings: Doings) -> QMenu:
    """The menu below `Settings`: looks, order of the list, connections."""
    menu = QMenu(window)
    menu.setAccessibleName("Settings")
    if doings.add_connection is not None:
        menu.addAction("Add connection…", doings.add_connection)
        menu.addSeparator()
    looks = menu.addMenu("Theme")
    _choose(looks, [(name, themes.choice == choice, _chooser(themes, choice)) for choice, name in _THEMES.items()])
    order = menu.addMenu("Group conversations")
    _choose(order, [(name, sidebar.order is each, _grouper(sidebar, each)) for each, name in _ORDERS.items()])
    return menu


def _choose(menu: QMenu, choices: list[tuple[str, bool, Callable[[], None]]]) -> None:
    group = QActionGroup(menu)
    for name, chosen, choose in choices:
        action = menu.addAction(name)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(choose)
        group.addAction(action)


def _chooser(themes: Themes, choice: Choice) -> Callable[[], None]:
    return lambda: themes.choose(choice)


def _grouper(sidebar: Sidebar, order: Order) -> Callable[[], None]:
    return lambda: sidebar.group_by(order)


assert set(_THEMES) == set(CHOICES)
