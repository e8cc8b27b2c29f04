"""Rectangles of one colour, without what Qt's own call costs the first paint."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter


def fill(painter: QPainter, rect: QRect | QRectF, colour: QColor) -> None:
    """Fill a rectangle; the painter has another background then.

    `QPainter.fillRect` looks first whether the colour is one of 180 gradients, whose names Qt for Python makes for it.
    """
    painter.setBackground(colour)
    painter.eraseRect(rect)
