"""Where a picture is set: the real window over a data folder and a loopback server, worked by its controls' names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QPlainTextEdit, QToolTip, QWidget

from desktop.services import Services
from tests.servers.faults import FaultServer
from ui.base.theme import Themes
from ui.window.main_window import MainWindow
from ui.window.window_group import WindowGroup

T = TypeVar("T", bound=QWidget)
WAIT_S = 20.0
_SHADOW = 24


@dataclass
class Stage:
    """What a picture is made of."""

    window: MainWindow
    services: Services
    themes: Themes
    server: FaultServer
    group: WindowGroup
    kept: QPixmap | None = None
    """The picture where it was taken before the end."""

    def keep(self) -> None:
        """Take the picture now: what it shows is gone at the end."""
        self.kept = self.picture()

    def look(self, kind: type[T], name: str) -> T | None:
        """The control of a name that is shown, in the window or in what is open above it."""
        for top in reversed(QApplication.topLevelWidgets()):
            if top.isVisible():
                for each in (top, *top.findChildren(QWidget)):
                    if isinstance(each, kind) and each.isVisible() and each.accessibleName() == name:
                        return each
        return None

    async def find(self, kind: type[T], name: str) -> T:
        """The same, waited for."""
        await self.until(lambda: self.look(kind, name))
        found = self.look(kind, name)
        assert found is not None
        return found

    async def press(self, name: str) -> None:
        """Press a button; a menu that it opens stays open meanwhile."""
        button = await self.find(QAbstractButton, name)
        await self.until(button.isEnabled)
        QTimer.singleShot(0, button, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))
        await self.settle(0.1)

    async def choose(self, text: str) -> None:
        """Choose what the open menu offers under this text."""
        await self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = cast("QMenu", QApplication.activePopupWidget())
        action = next(each for each in menu.actions() if each.text() == text)
        menu.close()
        action.trigger()

    async def type(self, name: str, text: str) -> None:
        """Put the keyboard on a field and type."""
        field = await self.find(QWidget, name)
        field.setFocus()
        if isinstance(field, QPlainTextEdit):
            field.insertPlainText(text)
        elif isinstance(field, QLineEdit):
            field.insert(text)
            field.textEdited.emit(field.text())
            field.editingFinished.emit()

    async def ask(self, text: str) -> None:
        """Send a prompt."""
        await self.type("Message", text)
        QTest.keyClick(await self.find(QWidget, "Message"), Qt.Key.Key_Return)

    async def answered(self) -> None:
        """Until no answer is being made."""
        await self.find(QAbstractButton, "Send")

    async def until(self, condition: Callable[[], object]) -> None:
        """Until something holds; TimeoutError where it does not in time."""
        async with asyncio.timeout(WAIT_S):
            while not condition():  # noqa: ASYNC110 - widgets tell of no event for all that is waited for
                await asyncio.sleep(0.01)

    async def settle(self, seconds: float = 0.4) -> None:
        """Let layout, animations and timers come to rest."""
        await asyncio.sleep(seconds)

    def picture(self) -> QPixmap:
        """The window and all that is open above it, as they lie on the screen."""
        QToolTip.hideText()
        whole = self.window.grab()
        painter = QPainter(whole)
        corner = self.window.mapToGlobal(QPoint(0, 0))
        for top in QApplication.topLevelWidgets():
            if top is not self.window and top.isVisible():
                place = QRect(top.mapToGlobal(QPoint(0, 0)) - corner, top.size())
                if top.isModal():
                    painter.fillRect(self.window.rect(), QColor(0, 0, 0, 40))
                self._frame(painter, place)
                painter.drawPixmap(place.topLeft(), top.grab())
        painter.end()
        return whole

    def _frame(self, painter: QPainter, place: QRect) -> None:
        """The shadow that a window manager would draw around it."""
        painter.save()
        around = QRegion(self.window.rect()) - QRegion(place)
        painter.setClipRegion(around)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 4))
        for step in range(_SHADOW, 0, -2):
            painter.drawRoundedRect(place.adjusted(-step, -step // 2, step, step), step, step)
        painter.setBrush(QColor(128, 128, 128, 90))
        painter.drawRect(place.adjusted(-1, -1, 1, 1))
        painter.restore()
