"""The window's commands: each an action with its name and shortcut, in menus and by keyboard alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.phrases import Phrase, phrase
from desktop.settings.schema import SHORTCUTS
from desktop.settings.values import Settings
from ui.settings.shortcuts_page import NONE, Shortcut
from ui.sidebar.sidebar import SEARCH_SHORTCUT
from ui.strings import tr

_ELSEWHERE = (
    (phrase("Send"), "Enter"),
    (phrase("Break the line"), "Shift+Enter"),
    (phrase("Stop the answer"), "Esc"),
    (phrase("Edit the last prompt"), "Up"),
    (phrase("Find in conversation"), "Ctrl+F"),
    (phrase("Next hit"), "F3"),
    (phrase("Previous hit"), "Shift+F3"),
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
    merge: Callable[[], None]
    prompts_only: Callable[[], None]
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
    shortcuts: Callable[[], None]
    doctor: Callable[[], None]
    about: Callable[[], None]
    quit: Callable[[], object]


def install(window: QWidget, doings: Doings, settings: Settings) -> dict[str, QAction]:
    """Put the commands on the window, by their English name; their keys are the user's where these chose some."""
    table: tuple[tuple[Phrase, QKeySequence, Callable[[], object]], ...] = (
        (phrase("New chat"), QKeySequence(QKeySequence.StandardKey.New), doings.new_chat),
        (phrase("New comparison"), QKeySequence("Ctrl+Shift+N"), doings.new_comparison),
        (phrase("Add pane"), QKeySequence("Ctrl+D"), doings.add_pane),
        *(
            (phrase("Go to pane {number}", number=n), QKeySequence(f"Ctrl+{n}"), partial(doings.focus_pane, n - 1))
            for n in range(1, 9)
        ),
        (phrase("Figures"), QKeySequence("Ctrl+Shift+G"), doings.figures),
        (phrase("Differences"), QKeySequence("Ctrl+Shift+E"), doings.differences),
        (phrase("Merge answers"), QKeySequence("Ctrl+Shift+M"), doings.merge),
        (phrase("Prompts only"), QKeySequence("Ctrl+Shift+L"), doings.prompts_only),
        (phrase("Choose this answer"), QKeySequence("Ctrl+Shift+Y"), doings.choose_answer),
        (phrase("Commands"), QKeySequence("Ctrl+K"), doings.palette),
        (phrase("Search conversations"), SEARCH_SHORTCUT, doings.search),
        (phrase("Rename"), QKeySequence("F2"), doings.rename),
        (phrase("Move to trash"), QKeySequence(), doings.trash),
        (phrase("Import conversations"), QKeySequence("Ctrl+O"), doings.import_),
        (phrase("Export this conversation"), QKeySequence("Ctrl+Shift+S"), doings.export),
        (phrase("Export everything"), QKeySequence(), doings.export_all),
        (phrase("Show or hide the sidebar"), QKeySequence("Ctrl+B"), doings.toggle_sidebar),
        (phrase("Add connection"), QKeySequence(), doings.add_connection),
        (phrase("Settings"), QKeySequence("Ctrl+,"), doings.settings),
        (phrase("Doctor"), QKeySequence(), doings.doctor),
        (phrase("About Paragone"), QKeySequence(), doings.about),
        (phrase("Keyboard shortcuts"), QKeySequence("F1"), doings.shortcuts),
        (phrase("Quit"), QKeySequence("Ctrl+Q"), doings.quit),
    )
    made: dict[str, QAction] = {}
    for name, shortcut, do in table:
        action = QAction(tr(name), window)
        action.setData(shortcut)
        action.triggered.connect(do)
        window.addAction(action)
        made[name] = action
    give_keys(made, settings)
    made["Settings"].setMenuRole(QAction.MenuRole.PreferencesRole)
    made["Quit"].setMenuRole(QAction.MenuRole.QuitRole)
    return made


def give_keys(actions: Mapping[str, QAction], settings: Settings) -> None:
    """Give every command the keys that are chosen for it, else those it comes with."""
    for name, action in actions.items():
        chosen = settings.get(SHORTCUTS[command_of(name)])
        own: QKeySequence = action.data()
        action.setShortcut(QKeySequence() if chosen == NONE else QKeySequence(chosen) if chosen else own)


def command_of(name: str) -> str:
    """A command's name in the settings, by its English one."""
    return name.casefold().replace(" ", "_")


def shortcuts(actions: Mapping[str, QAction]) -> list[Shortcut]:
    """Every command with its keys, those that hold in one place only at the end."""
    found = [
        Shortcut(action.text(), action.shortcut(), action.data(), SHORTCUTS[command_of(name)])
        for name, action in actions.items()
    ]
    fixed = [(tr(name), QKeySequence(keys)) for name, keys in _ELSEWHERE]
    return [*found, *(Shortcut(name, keys, keys) for name, keys in fixed)]
