"""What lies right below a list with round corners and hides what the list would hide: it need not be drawn."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.base.theme import Themes

_ROUND = 8
"""Pixels of a corner, across and down."""


class Underlay(QObject):
    """Qt draws all that lies below a widget whose corners let it through; below this, nothing.

    Three panes below a list take as long to draw as the list. Two sheets lie crosswise, so that the corners are free.
    """

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._sheets = _Sheet(themes, window), _Sheet(themes, window)

    def lie_below(self, widget: QWidget) -> None:
        """Below a widget that comes to lie over all others."""
        wide, tall = self._sheets
        wide.setGeometry(widget.geometry().adjusted(0, _ROUND, 0, -_ROUND))
        tall.setGeometry(widget.geometry().adjusted(_ROUND, 0, -_ROUND, 0))
        for each in (wide, tall, widget):
            each.raise_()

    def lie_nowhere(self) -> None:
        """Without any size: to be hidden and shown again would take longer."""
        for each in self._sheets:
            each.setGeometry(0, 0, 0, 0)


class _Sheet(QWidget):
    """Opaque, and nothing else."""

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(0, 0, 0, 0)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it: nothing of it is seen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.current.raised))
        painter.end()
