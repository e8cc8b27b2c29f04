"""Opens further windows on the same data, and finds the one to which a request from outside goes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from desktop.services import Services
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.window.main_window import MainWindow
from ui.window.shared_state import SharedState

_BESIDE = 32
"""Distance in pixels of a new window from the one in which it was asked for."""


class WindowGroup(QObject):
    """All main windows of the process, made from the class `kind`. The first one is made at once, but not shown."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, kind: type[MainWindow] = MainWindow) -> None:
        super().__init__()
        self._kind = kind
        self._services, self._tasks, self._themes = services, tasks, themes
        self.state = SharedState(services, tasks, self)
        self.all: list[MainWindow] = []
        self.first = self._make()

    @property
    def front(self) -> MainWindow:
        """The active window, or else the first visible one."""
        active = QApplication.activeWindow()
        parents = {each for each in self.all if each is active or (active is not None and each.isAncestorOf(active))}
        visible = (each for each in self.all if each.isVisible())
        return next(iter(parents), None) or next(visible, self.first)

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
                window.resize(beside.size())
                window.move(beside.pos().x() + _BESIDE, beside.pos().y() + _BESIDE)
        window.join(shown, compares=compares)
        window.come_forward()
        return window

    def _make(self) -> MainWindow:
        window = self._kind(self._services, self._tasks, self._themes, self.state, len(self.all) + 1)
        window.links.window_wanted.connect(self.open)
        self.all.append(window)
        return window
