"""What lies right below a list with round corners and hides what the list would hide: it need not be drawn."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Themes

_ROUND = 8
"""Pixels at the top and the bottom that the corners of what lies over it leave free."""


class Underlay(QWidget):
    """Qt draws all that lies below a widget whose corners let it through; below this, nothing.

    Three transcripts below a list take as long to draw as the list.
    """

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lie_nowhere()
        self.show()

    def lie_below(self, widget: QWidget) -> None:
        """Below a widget that comes to lie over all others."""
        self.setGeometry(widget.geometry().adjusted(0, _ROUND, 0, -_ROUND))
        self.raise_()
        widget.raise_()

    def lie_nowhere(self) -> None:
        """Without any size: to be hidden and shown again would take longer."""
        self.setGeometry(0, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it: nothing of it is seen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.current.raised))
        painter.end()
