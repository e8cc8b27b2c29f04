"""Menus with round corners, also where no compositor lets what lies behind them shine through."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QCursor, QHideEvent, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu

_RADIUS = 8.0
"""As the style sheet has it."""


class Menu(QMenu):
    """A menu of the program's own, wherever one opens."""

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody tells the button that it opened from that the pointer left it meanwhile."""
        super().hideEvent(event)
        parent = self.parentWidget()
        for button in parent.window().findChildren(QAbstractButton) if parent is not None else ():
            if button.underMouse() and not button.rect().contains(button.mapFromGlobal(QCursor.pos())):
                button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, on=False)
                button.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the corners off."""
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))
