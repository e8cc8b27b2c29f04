"""Draws the slabs in view, and the ring around the message that the keyboard is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.transcript.list.flow import Placed
from ui.transcript.message.slabs import Pen, Slab
from ui.transcript.text.documents import Marks
from ui.transcript.text.look import Look

MarksOf = Callable[[int, int, int], Marks]
"""What is marked in a segment, by row, slab and segment."""


def paint_slabs(
    painter: QPainter, asked: QRect, placed: Sequence[Placed[Slab]], column: tuple[int, int], marks_of: MarksOf
) -> None:
    """Draw those that lie within `asked`; `column` is the left edge and the width of the text, in pixels."""
    left, width = column
    clip = QRectF(asked)
    for each in placed:
        if each.top > asked.bottom():
            break
        if each.top + each.slab.height(width) < asked.top():
            continue
        pen = Pen(painter, left, each.top, width, clip)
        row, slab = each.row, each.number
        each.slab.paint(pen, lambda segment, row=row, slab=slab: marks_of(row, slab, segment))


def paint_ring(painter: QPainter, message: QRect, look: Look) -> None:
    """Draw a ring around a message."""
    painter.setPen(QPen(QColor(look.theme.accent), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(message).adjusted(-8.5, 4.5, 8.5, -3.5), 8, 8)
