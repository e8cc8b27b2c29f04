"""Tests of the lines that the transcript draws itself: names, and texts of which one line is shown."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.ui.ink import LEFT, RIGHT, drawing, inked, unlike
from ui.transcript.slabs import write_line


def line(text: str, direction: Qt.LayoutDirection) -> QImage:
    image = QImage(300, 30, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    painter.setLayoutDirection(direction)
    write_line(painter, QRect(20, 0, 260, 30), text)
    assert painter.layoutDirection() is direction
    painter.end()
    return image


def test_a_line_begins_where_the_interface_is_read_from_and_keeps_the_order_of_its_script(qapp: QApplication) -> None:
    for text in ("Why not?", "קנברה?", "Explain the difference " * 9):
        left, right = line(text, LEFT), line(text, RIGHT)
        assert unlike(drawing(left), drawing(right)) < 0.5
        assert abs(inked(left).left() - 20) <= 3
        assert abs(inked(right).right() - 280) <= 6
