from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.wrapping_layout import WrapLayout


@pytest.fixture
def holder(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def boxes(holder: QWidget, *widths: int) -> WrapLayout:
    layout = WrapLayout(holder, gap=10)
    for width in widths:
        box = QWidget()
        box.setFixedSize(width, 20)
        layout.addWidget(box)
    return layout


def places(layout: WrapLayout) -> list[tuple[int, int]]:
    items = (layout.itemAt(index) for index in range(layout.count()))
    return [(item.geometry().x(), item.geometry().y()) for item in items if item is not None]


def test_what_does_not_fit_goes_into_the_next_line(holder: QWidget) -> None:
    layout = boxes(holder, 40, 40, 40)
    layout.setGeometry(QRect(0, 0, 100, 100))
    assert places(layout) == [(0, 0), (50, 0), (0, 30)]


def test_the_height_follows_the_width(holder: QWidget) -> None:
    layout = boxes(holder, 40, 40, 40)
    assert [layout.heightForWidth(width) for width in (140, 100, 40)] == [20, 50, 80]
    assert layout.hasHeightForWidth()


def test_one_that_is_wider_than_the_line_is_cut(holder: QWidget) -> None:
    layout = boxes(holder, 40)
    item = layout.itemAt(0)
    assert item is not None
    widget = item.widget()
    assert widget is not None
    widget.setMinimumWidth(0)
    widget.setMaximumWidth(400)
    layout.setGeometry(QRect(0, 0, 30, 100))
    assert item.geometry().width() <= 40
    assert layout.minimumSize().height() == 20


def test_what_is_taken_out_is_gone(holder: QWidget) -> None:
    layout = boxes(holder, 40, 40)
    assert layout.takeAt(0) is not None
    assert layout.count() == 1
    assert layout.takeAt(5) is None
    assert layout.itemAt(5) is None


def test_read_from_the_right_the_first_stands_at_the_right(holder: QWidget) -> None:
    holder.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    layout = boxes(holder, 40, 40, 40)
    layout.setGeometry(QRect(0, 0, 100, 100))
    assert places(layout) == [(60, 0), (10, 0), (60, 30)]


def test_what_is_hidden_takes_no_place_and_no_gap(holder: QWidget) -> None:
    layout = boxes(holder, 40, 40, 40)
    item = layout.itemAt(1)
    assert item is not None
    box = item.widget()
    assert box is not None
    box.hide()
    layout.setGeometry(QRect(0, 0, 200, 100))
    last = layout.itemAt(2)
    assert last is not None
    assert last.geometry().x() == 50


def test_the_height_is_another_one_once_a_widget_comes_grows_or_is_hidden(holder: QWidget) -> None:
    layout = boxes(holder, 40, 40)
    assert layout.heightForWidth(100) == 20
    last = QWidget()
    last.setFixedSize(40, 20)
    layout.addWidget(last)
    assert layout.heightForWidth(100) == 50
    last.setFixedSize(40, 30)
    assert layout.heightForWidth(100) == 60
    last.hide()
    assert layout.heightForWidth(100) == 20
