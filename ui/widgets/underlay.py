"""Opaque sheets below a list with round corners, so that Qt does not paint what the list hides."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.base.theme import Themes

_ROUND = 8
"""Size of a corner in pixels."""


class Underlay(QObject):
    """Prevents Qt from painting what is below a widget with transparent corners.

    Three panes below a list take as long to paint as the list itself. Two sheets, one wide and one tall, leave the
    corners free.
    """

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._sheets = _Sheet(themes, window), _Sheet(themes, window)

    def lie_below(self, widget: QWidget) -> None:
        """Position the sheets below a widget that is about to be raised."""
        wide, tall = self._sheets
        wide.setGeometry(widget.geometry().adjusted(0, _ROUND, 0, -_ROUND))
        tall.setGeometry(widget.geometry().adjusted(_ROUND, 0, -_ROUND, 0))
        for each in (wide, tall, widget):
            each.raise_()

    def lie_nowhere(self) -> None:
        """Make the sheets empty, which is faster than hiding them and showing them again."""
        for each in self._sheets:
            each.setGeometry(0, 0, 0, 0)


class _Sheet(QWidget):
    """Opaque widget without content."""

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(0, 0, 0, 0)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the sheet, although the widget above always covers it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.current.raised))
        painter.end()
