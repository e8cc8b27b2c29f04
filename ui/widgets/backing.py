"""What lies right below a list with round corners and hides what the list would hide: it need not be drawn."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Themes

_ROUND = 8
"""Pixels at the top and the bottom that the corners of what lies over it leave free."""

_EDGE = 2
"""Pixels at the sides, so that what lies over it draws its own edge."""


class Backing(QWidget):
    """Qt draws all that lies below a widget whose corners let it through; below this, nothing.

    Three transcripts below a list take longer to draw than the list.
    """

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def lie_below(self, widget: QWidget) -> None:
        """Show below a widget that is seen, until it is hidden."""
        self.setGeometry(widget.geometry().adjusted(_EDGE, _ROUND, -_EDGE, -_ROUND))
        self.stackUnder(widget)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it: hardly anything of it is seen."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.current.raised))
        painter.end()
