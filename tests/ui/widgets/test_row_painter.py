"""Tests of rows that are painted from either side."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle

from ui.widgets.row_painter import RowPainter, sized

AREA = QRect(0, 0, 300, 30)
LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


def drawn(direction: Qt.LayoutDirection, text: str, *, end: bool = False) -> tuple[int, int, int]:
    """First and last column with ink, and the width that was told."""
    image = QImage(AREA.size(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    row = RowPainter(painter, AREA, QFont(), QStyle.StateFlag.State_None, direction)
    write = row.end if end else row.begin
    told = write(QRect(30, 0, 250, 30), text, sized(QFont(), 13), "#000000")
    painter.end()
    columns = [x for x in range(300) if any(image.pixelColor(x, y).red() < 128 for y in range(30))]
    return columns[0], columns[-1], told


@pytest.mark.parametrize("text", ["3 Nov", "קנברה"])
def test_a_line_begins_and_ends_as_the_interface_is_read(qapp: QApplication, text: str) -> None:
    assert 28 <= drawn(LEFT, text)[0] <= 34
    assert 265 <= drawn(RIGHT, text)[1] <= 271
    assert 274 <= drawn(LEFT, text, end=True)[1] <= 281
    assert 18 <= drawn(RIGHT, text, end=True)[0] <= 26


def test_a_long_line_stays_in_its_place(qapp: QApplication) -> None:
    first, last, told = drawn(LEFT, "a title of very many words " * 9)
    assert told <= 250
    assert first >= 28
    assert last <= 281


def test_places_turn_round(qapp: QApplication) -> None:
    image = QImage(AREA.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    mark = QRect(16, 11, 8, 8)
    assert RowPainter(painter, AREA, QFont(), QStyle.StateFlag.State_None, LEFT).placed(mark) == mark
    assert RowPainter(painter, AREA, QFont(), QStyle.StateFlag.State_None, RIGHT).placed(mark) == QRect(276, 11, 8, 8)
    painter.end()
