"""Drives a real window in a test as a person does: keys and the mouse go in, names, texts and pixels come out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from desktop.domain import Conversation
from desktop.services import Services
from tests.ui import finding
from tests.ui.waiting import until
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transcript.list.message_list import MessageList
from ui.window.main_window import MainWindow

W = TypeVar("W", bound=QWidget)


class Driver:
    """One window. What it finds are controls that are seen, by the names that a screen reader says."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    @property
    def focused(self) -> QWidget:
        """The control that has the keyboard."""
        at = QApplication.focusWidget()
        assert at is not None, "nothing has the keyboard"
        return at

    def press(self, keys: str) -> None:
        """Press keys, such as `Ctrl+F`, wherever the keyboard is."""
        QTest.keySequence(self.focused, QKeySequence.fromString(keys))

    def type(self, text: str) -> None:
        """Type a text wherever the keyboard is."""
        QTest.keyClicks(self.focused, text)

    def click(self, control: QWidget, at: QPoint | None = None) -> None:
        """Click a control in its middle, or at a point of it."""
        place = at or control.rect().center()
        QTest.mouseClick(control, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def find(self, kind: type[W], name: str) -> W:
        """The control of a kind and a name that is seen."""
        found = [each for each in self.window.findChildren(kind) if each.isVisible() and each.accessibleName() == name]
        assert len(found) == 1, f"{len(found)} of {kind.__name__} “{name}”"
        return found[0]

    def push(self, name: str) -> None:
        """Click a button by its name, or by its text."""
        found = [
            each
            for each in self.window.findChildren(QPushButton)
            if each.isVisible() and name in (each.accessibleName(), each.text())
        ]
        assert found, f"no button “{name}”"
        self.click(found[0])

    @property
    def menu(self) -> QMenu:
        """The menu that is open."""
        found = QApplication.activePopupWidget()
        assert isinstance(found, QMenu), "no menu is open"
        return found

    def choose(self, text: str) -> None:
        """Choose an entry of the open menu."""
        (action,) = (each for each in self.menu.actions() if each.text() == text)
        self.menu.setActiveAction(action)
        QTest.keyClick(self.menu, Qt.Key.Key_Return)

    def transcript(self, pane: int = 0) -> MessageList:
        """The list of messages of a pane."""
        (found,) = self.window.workspace.line[pane].findChildren(MessageList)
        return found

    def messages(self, pane: int = 0) -> list[str]:
        """What a pane's messages say, as a screen reader hears them."""
        model = self.transcript(pane).model()
        role = Qt.ItemDataRole.AccessibleTextRole
        return [str(model.data(model.index(row, 0), role)) for row in range(model.rowCount())]

    def said(self, within: QWidget | None = None) -> str:
        """All that labels say in the window, or in a part of it."""
        return finding.said(within or self.window)

    def pixels(self, control: QWidget) -> QImage:
        """What a control shows."""
        QApplication.processEvents()
        return control.grab().toImage()

    async def until(self, holds: Callable[[], object], timeout_s: float = 10) -> None:
        """Wait until something holds."""
        await until(holds, timeout_s)

    async def open(self, conversation: Conversation) -> None:
        """Open a conversation of the store, and wait until it is shown."""
        self.window.desk.open_conversation(conversation.id)
        shown = conversation.path()
        await until(lambda: len(self.messages()) == len(shown) and (not shown or self.transcript().placed))


@asynccontextmanager
async def driven(
    services: Services, tasks: Tasks, themes: Themes, *conversations: Conversation, width: int = 1200, height: int = 800
) -> AsyncGenerator[Driver]:
    """A window over a store with some conversations, the first of which is shown."""
    kept = (await services.store()).conversations
    for each in conversations:
        await kept.create(each)
    window = MainWindow(services, tasks, themes)
    driver = Driver(window)
    try:
        window.resize(width, height)
        window.show()
        await window.settle_in()
        await until(lambda: window.sidebar.library.loaded and window.isActiveWindow())
        if conversations:
            await driver.open(conversations[0])
        yield driver
    finally:
        window.workspace.stop_all()
        await tasks.settle(2)
        window.close()
        window.deleteLater()
