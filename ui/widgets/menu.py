"""Menus with round corners, which do not need a compositor."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QCursor, QHideEvent, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu

_RADIUS = 8.0
"""Corner radius, as in the style sheet."""


class Menu(QMenu):
    """Base class of all menus in the program."""

    def hideEvent(self, event: QHideEvent) -> None:
        """Clear the hover state of the button that opened the menu, which Qt does not do."""
        super().hideEvent(event)
        parent = self.parentWidget()
        for button in parent.window().findChildren(QAbstractButton) if parent is not None else ():
            if button.underMouse() and not button.rect().contains(button.mapFromGlobal(QCursor.pos())):
                button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, on=False)
                button.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Mask the corners for the new size."""
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))
