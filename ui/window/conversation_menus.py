"""Menus of a pane, of the title and of the program. The command palette offers the same commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ui.base.commands import COMMANDS, Command, own_keys
from ui.base.strings import tr
from ui.pane.pane import Pane
from ui.pane.pane_commands import pane_commands
from ui.sidebar.sidebar import Sidebar
from ui.widgets.menu import Menu
from ui.workspace.workspace import Workspace

_OF_THE_PROGRAM = (
    *(Command.PALETTE, Command.NEW_WINDOW, Command.IMPORT, Command.EXPORT_ALL, Command.LATENCY, Command.RUNS),
    *(Command.ADD_CONNECTION, None),
    *(Command.KEYBOARD_SHORTCUTS, Command.DOCTOR, Command.ABOUT, None, Command.QUIT),
)
"""Commands that are not about a conversation; None stands for a separator."""
_OF_WHAT_IS_SHOWN = (Command.RENAME, Command.MOVE_TO_WINDOW, Command.EXPORT, Command.PRINT, Command.TRASH)


class ConversationMenus(QObject):
    """Adds commands to a pane's menu when it opens, and opens the menu of the title."""

    rename_wanted = Signal(str)
    export_wanted = Signal(object)
    """Emitted with the IDs of conversations to export."""

    def __init__(
        self,
        actions: Mapping[Command, QAction],
        possible: Callable[[], Collection[Command]],
        workspace: Workspace,
        sidebar: Sidebar,
        title: QWidget,
    ) -> None:
        super().__init__(workspace)
        self._actions = actions
        self._possible = possible
        self._workspace = workspace
        self._library = sidebar.library
        self._more = sidebar.more
        self._more.clicked.connect(self._open_program_menu)
        self._title = title
        workspace.line.menu_opened.connect(self._fill)
        title.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        title.customContextMenuRequested.connect(self._open_title_menu)

    @Slot(object, QMenu)
    def _fill(self, pane: Pane, menu: QMenu) -> None:
        first, can = menu.actions()[0], pane_commands(pane)
        for command, do in can.items():
            action = QAction(tr(COMMANDS[command].title), menu)
            action.setShortcut(own_keys(command))
            action.triggered.connect(do)
            menu.insertAction(first, action)
        if can:
            menu.insertSeparator(first)
        menu.addSeparator()
        if Command.ASK_SEVERAL_TIMES in self._possible():
            menu.addAction(self._actions[Command.ASK_SEVERAL_TIMES])
        if self._workspace.comparison is None:
            self._add_shown(menu)
        elif self._library.title(pane.conversation_id):
            shown = pane.conversation_id
            menu.addAction(tr(COMMANDS[Command.RENAME].title), partial(self.rename_wanted.emit, shown))
            menu.addAction(tr(COMMANDS[Command.EXPORT].title), partial(self.export_wanted.emit, [shown]))
            menu.addAction(tr(COMMANDS[Command.TRASH].title), partial(self._library.trash, shown))

    @Slot(QPoint)
    def _open_title_menu(self, at: QPoint) -> None:
        menu = Menu(self._title)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_shown(menu)
        if not menu.isEmpty():
            menu.popup(self._title.mapToGlobal(at))

    @Slot()
    def _open_program_menu(self) -> None:
        menu = Menu(self._more)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for command in _OF_THE_PROGRAM:
            menu.addSeparator() if command is None else menu.addAction(self._actions[command])
        menu.popup(self._more.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _add_shown(self, menu: QMenu) -> None:
        """Add the commands for the visible chat or comparison."""
        possible = self._possible()
        menu.addActions([self._actions[each] for each in _OF_WHAT_IS_SHOWN if each in possible])
