"""Opens further windows on the same data, and finds the one to which a request from outside goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from desktop.services import Services
from desktop.settings.schema import DESKTOP_SHORTCUT, TRAY
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow
from ui.window.shared_state import SharedState

if TYPE_CHECKING:
    from ui.window.desktop_shortcut import DesktopShortcut
    from ui.window.tray import Tray
    from ui.window.windows_hotkey import WindowsHotkey

_BESIDE = 32
"""Distance in pixels of a new window from the one in which it was asked for."""


class WindowGroup(QObject):
    """All main windows of the process, made from the class `kind`. The first one is made at once, but not shown."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, kind: type[MainWindow] = MainWindow) -> None:
        super().__init__()
        self._kind = kind
        self._services, self._tasks, self._themes = services, tasks, themes
        self.state = SharedState(services, tasks, self)
        self.state.tray_changed.connect(self.follow_tray)
        self.state.desktop_shortcut_changed.connect(self.follow_shortcut)
        self._tray: Tray | None = None
        self._shortcut: DesktopShortcut | WindowsHotkey | None = None
        self._toggled: list[MainWindow] = []
        self.all: list[MainWindow] = []
        self.first = self._make()

    @property
    def front(self) -> MainWindow:
        """The active window, or else the first visible one, or else the one that was closed last."""
        active = QApplication.activeWindow()
        parents = {each for each in self.all if each is active or (active is not None and each.isAncestorOf(active))}
        visible = [each for each in self.all if each.isVisible()]
        return next(iter((*parents, *visible, *(each for each in self.all if each is self.state.last))), self.first)

    @Slot(str)
    def come_forward(self, token: str = "") -> None:
        """Bring a window to the front, with an activation token if the system requires one."""
        window = self.front
        if not window.isVisible():
            window.join()
        window.come_forward(token)

    @Slot(str)
    def toggle(self, token: str = "") -> None:
        """Minimize all windows if one of them is active; otherwise bring those back that were minimized so."""
        front = self.front
        if QApplication.activeWindow() is not None and not front.isMinimized():
            seen = [each for each in self.all if each.isVisible() and not each.isMinimized()]
            self._toggled = sorted(
                seen, key=lambda each: each is front
            )  # the active one comes back last, and so on top
            for each in self._toggled:
                each.showMinimized()
            return
        self.come_forward(token)
        for each in self._toggled:
            if each.isVisible():
                each.come_forward()
        self._toggled = []

    @Slot()
    def follow_tray(self) -> None:
        """Show or remove the tray icon, as the setting says."""
        wanted = self._services.settings.get(TRAY)
        if wanted and self._tray is None:
            from ui.window.tray import Tray

            self._tray = Tray(self.first.windowIcon(), self)
            self._tray.new_chat_wanted.connect(self._new_chat)
            self._tray.show_wanted.connect(self.come_forward)
            self._tray.toggle_wanted.connect(self.toggle)
            self._tray.quit_wanted.connect(self._ask_to_quit)
        elif not wanted and self._tray is not None:
            self._tray.deleteLater()
            self._tray = None
        self.state.in_tray = self._tray is not None and self._tray.is_shown

    @Slot()
    def follow_shortcut(self) -> None:
        """Ask the desktop for a shortcut, or give it back, as the setting says."""
        wanted = sys.platform != "darwin" and self._services.settings.get(DESKTOP_SHORTCUT)
        if wanted and self._shortcut is None:
            self._shortcut = self._new_shortcut()
            self._shortcut.pressed.connect(self.toggle)
            self._shortcut.refused.connect(self._say_refused)
            self._shortcut.start()
        elif not wanted and self._shortcut is not None:
            self._shortcut.stop()
            self._shortcut = None

    def _new_shortcut(self) -> DesktopShortcut | WindowsHotkey:
        if sys.platform == "win32":
            from ui.window.windows_hotkey import WindowsHotkey

            return WindowsHotkey(self)
        from ui.window.desktop_shortcut import DesktopShortcut

        return DesktopShortcut(self._tasks, self)

    @Slot()
    def _say_refused(self) -> None:
        self.front.desk.say(
            tr("Another program uses Ctrl+Alt+P. Turn off “Desktop shortcut” in the settings.")
            if sys.platform == "win32"
            else tr("This desktop does not offer shortcuts to programs. Turn off “Desktop shortcut” in the settings.")
        )

    @Slot()
    def _new_chat(self) -> None:
        self.come_forward()
        self.front.desk.new_chat()

    @Slot()
    def _ask_to_quit(self) -> None:
        """Quit, after asking about responses in progress."""
        if self.front.quitting.may_close():
            self.state.finish()
        else:
            self.come_forward()

    @Slot()
    def quit(self) -> None:
        """Quit without a question, because the system or a signal requires it."""
        self.first.quitting.quit()

    @Slot()
    def remember(self) -> None:
        """Save the state of all windows, because the system's session may end."""
        for each in self.all:
            each.remember()

    @Slot(str, bool)
    def open(self, shown: str = "", compares: bool = False) -> MainWindow:  # noqa: FBT001, FBT002 - Qt's signal
        """Show another window, with a conversation or comparison if an ID is given, and otherwise with a new chat."""
        beside = self.front
        window = next((each for each in self.all if not each.isVisible()), None)
        if window is None:
            window = self._make()
            if not window.is_placed:
                _place(window, beside)
        elif not shown:
            window.desk.new_chat()
        window.join(shown, compares=compares)
        window.come_forward()
        return window

    def _make(self) -> MainWindow:
        window = self._kind(self._services, self._tasks, self._themes, self.state, len(self.all) + 1)
        window.links.window_wanted.connect(self.open)
        self.all.append(window)
        return window


def _place(window: MainWindow, beside: MainWindow) -> None:
    """Give a window the size of another one, shifted by a title bar, or at the screen's corner if it would not fit."""
    frame = beside.frameGeometry().translated(_BESIDE, _BESIDE)
    room = beside.screen().availableGeometry()
    window.resize(beside.size())
    window.move(frame.topLeft() if room.contains(frame) else room.topLeft())
