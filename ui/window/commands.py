"""The window's commands: each an action with its name and shortcut, in menus and by keyboard alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.sidebar.sidebar import SEARCH_SHORTCUT

_ELSEWHERE = (
    ("Send", "Enter"),
    ("Break the line", "Shift+Enter"),
    ("Stop the answer", "Esc"),
    ("Edit the last prompt", "Up"),
)
"""Keys that mean something in one place only and are no commands of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doings:
    """What the commands do."""

    new_chat: Callable[[], None]
    new_comparison: Callable[[], None]
    add_pane: Callable[[], None]
    focus_pane: Callable[[int], None]
    figures: Callable[[], None]
    differences: Callable[[], None]
    choose_answer: Callable[[], None]
    palette: Callable[[], None]
    search: Callable[[], None]
    rename: Callable[[], None]
    trash: Callable[[], None]
    import_: Callable[[], None]
    export: Callable[[], None]
    export_all: Callable[[], None]
    toggle_sidebar: Callable[[], None]
    add_connection: Callable[[], None]
    settings: Callable[[], None]
    quit: Callable[[], object]


def install(window: QWidget, doings: Doings) -> dict[str, QAction]:
    """Put the commands on the window, by name."""
    table: tuple[tuple[str, QKeySequence, Callable[[], object]], ...] = (
        ("New chat", QKeySequence(QKeySequence.StandardKey.New), doings.new_chat),
        ("New comparison", QKeySequence("Ctrl+Shift+N"), doings.new_comparison),
        ("Add pane", QKeySequence("Ctrl+D"), doings.add_pane),
        *((f"Go to pane {n}", QKeySequence(f"Ctrl+{n}"), partial(doings.focus_pane, n - 1)) for n in range(1, 9)),
        ("Figures", QKeySequence("Ctrl+Shift+G"), doings.figures),
        ("Differences", QKeySequence("Ctrl+Shift+E"), doings.differences),
        ("Choose this answer", QKeySequence("Ctrl+Shift+Y"), doings.choose_answer),
        ("Commands", QKeySequence("Ctrl+K"), doings.palette),
        ("Search conversations", SEARCH_SHORTCUT, doings.search),
        ("Rename", QKeySequence("F2"), doings.rename),
        ("Move to trash", QKeySequence(), doings.trash),
        ("Import conversations", QKeySequence("Ctrl+O"), doings.import_),
        ("Export this conversation", QKeySequence("Ctrl+Shift+S"), doings.export),
        ("Export everything", QKeySequence(), doings.export_all),
        ("Show or hide the sidebar", QKeySequence("Ctrl+B"), doings.toggle_sidebar),
        ("Add connection", QKeySequence(), doings.add_connection),
        ("Settings", QKeySequence("Ctrl+,"), doings.settings),
        ("Quit", QKeySequence("Ctrl+Q"), doings.quit),
    )
    made: dict[str, QAction] = {}
    for name, shortcut, do in table:
        action = QAction(name, window)
        action.setShortcut(shortcut)
        action.triggered.connect(do)
        window.addAction(action)
        made[name] = action
    made["Settings"].setMenuRole(QAction.MenuRole.PreferencesRole)
    made["Quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return made


def shortcuts(actions: Mapping[str, QAction]) -> list[tuple[str, QKeySequence]]:
    """Every command with its keys, those that hold in one place only at the end."""
    found = [(name, action.shortcut()) for name, action in actions.items()]
    return [*found, *((name, QKeySequence(keys)) for name, keys in _ELSEWHERE)]
