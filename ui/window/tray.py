"""Icon in the system tray, which keeps the program running after its last window was closed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.system.log import logger
from ui.base.commands import COMMANDS, Command
from ui.base.strings import tr
from ui.widgets.menu import Menu

_log = logger("ui.window.tray")


class Tray(QObject):
    """Tray icon with a menu. Clicking the icon shows the window, or minimizes it if it is the active one."""

    new_chat_wanted = Signal()
    show_wanted = Signal()
    toggle_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        self._menu = Menu()
        self._menu.addAction(tr(COMMANDS[Command.NEW_CHAT].title), self.new_chat_wanted.emit)
        self._menu.addAction(tr("Show window"), self.show_wanted.emit)
        self._menu.addSeparator()
        self._menu.addAction(tr(COMMANDS[Command.QUIT].title), self.quit_wanted.emit)
        self.destroyed.connect(self._menu.deleteLater)
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setToolTip("Paragone")
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self.icon.show()
        if not self.is_shown:
            _log.info("the desktop has no system tray")

    @property
    def is_shown(self) -> bool:
        """Whether the desktop shows the icon. Otherwise closing the last window has to quit."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.toggle_wanted.emit()
