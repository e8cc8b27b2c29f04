"""Drives a real window in a test as a person does: keys and the mouse go in, names, texts and pixels come out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QMenu, QPlainTextEdit, QWidget

from desktop.domain.conversation_types import Conversation
from desktop.services import Services
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transcript.list.message_list import MessageList
from ui.widgets.notice_bar import NoticeBar
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

    def sees(self, name: str) -> bool:
        """Whether anything of this name is seen."""
        return any(each.isVisible() and each.accessibleName() == name for each in self.window.findChildren(QWidget))

    def button(self, name: str) -> QAbstractButton:
        """The first button of this name or text that is seen."""
        found = [
            each
            for each in self.window.findChildren(QAbstractButton)
            if each.isVisible() and name in (each.accessibleName(), each.text())
        ]
        assert found, f"no button “{name}”"
        return found[0]

    def push(self, name: str) -> None:
        """Click a button by its name, or by its text."""
        self.click(self.button(name))

    @property
    def editor(self) -> QPlainTextEdit:
        """The field of the only pane, where a prompt is typed."""
        return self.find(QPlainTextEdit, "Message")

    def write(self, text: str) -> None:
        """Type a text where a prompt is typed."""
        self.editor.setFocus()
        self.type(text)

    def paste(self, text: str) -> None:
        """Paste a text wherever the keyboard is."""
        QGuiApplication.clipboard().setText(text)
        self.press("Ctrl+V")

    def ask(self, text: str) -> None:
        """Type a prompt and send it."""
        self.write(text)
        self.press("Return")

    async def answered(self, text: str) -> None:
        """Send a prompt, and wait until the whole answer is there."""
        self.ask(text)
        await until(lambda: not self.window.workspace.is_answering)

    def rows(self, name: str) -> list[str]:
        """What a screen reader hears of the rows of a list."""
        model = self.find(QAbstractItemView, name).model()
        role = Qt.ItemDataRole.AccessibleTextRole
        return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]

    @property
    def notices(self) -> list[str]:
        """What bars say, those of the whole window first."""
        bars = [each for each in self.window.findChildren(NoticeBar) if each.isVisible()]
        return [bar.accessibleDescription() for bar in bars]

    @property
    def menu(self) -> QMenu:
        """The menu that is open."""
        found = QApplication.activePopupWidget()
        assert isinstance(found, QMenu), "no menu is open"
        return found

    def choose(self, text: str) -> None:
        """Choose an entry of the open menu."""
        menu = self.menu
        (action,) = (each for each in menu.actions() if each.text() == text)
        menu.setActiveAction(action)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        self.come_back()

    def come_back(self) -> None:
        """The window is the active one again after a menu, as window systems see to: without a screen nobody does."""
        QApplication.processEvents()
        self.window.activateWindow()
        QApplication.processEvents()

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
        """All that labels say which are seen in the window, or in a part of it, a line each."""
        QApplication.processEvents()  # what was just put into a layout is shown by then
        found = (within or self.window).findChildren(QLabel)
        return "\n".join(each.text() for each in found if each.isVisible())

    def pixels(self, control: QWidget) -> QImage:
        """What a control shows."""
        QApplication.processEvents()
        return control.grab().toImage()

    async def until(self, holds: Callable[[], object], timeout_s: float = 8) -> None:
        """Wait until something holds."""
        await until(holds, timeout_s)

    async def open(self, conversation: Conversation) -> None:
        """Open a conversation of the store, and wait until it is shown."""
        self.window.desk.open_conversation(conversation.id)
        shown = conversation.path()
        await until(lambda: self.window.desk.shown_id == conversation.id)
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
