"""The window commands as actions with their handlers and shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from desktop.settings.schema import SHORTCUTS
from desktop.settings.values import Settings
from ui.base.commands import COMMANDS, Command, Context, Shortcut, all_keys_of, keys_of, own_keys
from ui.base.strings import tr

Handlers = Mapping[Command, Callable[[], object]]
"""Handlers of the window commands."""

_ROLES = {Command.SETTINGS: QAction.MenuRole.PreferencesRole, Command.QUIT: QAction.MenuRole.QuitRole}


def install(window: QWidget, handlers: Handlers, settings: Settings) -> dict[Command, QAction]:
    """Add the commands to the window with their shortcuts.

    Raises:
        KeyError: If a command has no handler.
    """
    actions: dict[Command, QAction] = {}
    for command, facts in COMMANDS.items():
        if facts.context is not Context.WINDOW:
            continue
        action = QAction(tr(facts.title), window)
        action.triggered.connect(handlers[command])
        if command in _ROLES:
            action.setMenuRole(_ROLES[command])
        actions[command] = action
    give_keys(actions, settings)
    window.addActions([*actions.values()])  # with their keys: to give keys to one that a window has takes longer
    return actions


def give_keys(actions: Mapping[Command, QAction], settings: Settings) -> None:
    """Assign each command its shortcuts, which are the user's own or the default ones."""
    for command, action in actions.items():
        action.setShortcuts(all_keys_of(command, settings))


def shortcuts(settings: Settings) -> list[Shortcut]:
    """Return all commands with their shortcuts. Those that need a certain context come last."""
    return [
        Shortcut(tr(facts.title), keys_of(command, settings), own_keys(command), SHORTCUTS.get(command))
        for command, facts in COMMANDS.items()
    ]
