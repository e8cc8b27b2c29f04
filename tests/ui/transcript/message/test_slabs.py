"""Tests of the lines that the transcript draws itself: names, and texts of which one line is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.ui.ink import LEFT, RIGHT, drawing, inked, unlike
from ui.base.theme import Theme
from ui.transcript.message.slabs import Pen, paint_bubble, write_line
from ui.transcript.text.look import Look


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


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_a_bubble_has_no_seams_where_its_parts_meet_between_pixels(qapp: QApplication, ratio: float) -> None:
    look = Look.of(Theme.load("dark"), QFont(qapp.font()))
    image = QImage(round(100 * ratio), round(120 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(look.theme.canvas))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def pen(top: int) -> Pen:
        return Pen(painter, 10, top, 80, QRectF(0, 0, 100, 120))

    paint_bubble(pen(7), 30, look, top=4)
    paint_bubble(pen(37), 21, look)
    paint_bubble(pen(58), 21, look)
    paint_bubble(pen(79), 20, look, end=True)
    painter.end()
    middle = image.width() // 2
    inside = {image.pixelColor(middle, y).name() for y in range(round(13 * ratio), round(97 * ratio))}
    assert inside == {QColor(look.theme.bubble).name()}
