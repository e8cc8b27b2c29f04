"""The shadow goes along with what casts it."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.popover import Popover
from ui.widgets.shadow import Shadow


def test_it_is_seen_around_a_popover_and_goes_with_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    button = QPushButton("Open", window)
    popover = Popover("Words", window)
    popover.column.addWidget(QPushButton("Inside"))
    window.show()
    (shadow,) = window.findChildren(Shadow)
    assert not shadow.isVisible()
    before = window.grab().toImage()
    popover.open_at(button)
    qtbot.waitUntil(shadow.isVisible)
    assert shadow.geometry().contains(popover.geometry())
    below = QPoint(popover.geometry().center().x(), popover.geometry().bottom() + 6)
    assert window.grab().toImage().pixelColor(below).lightness() < before.pixelColor(below).lightness()
    assert window.childAt(below) is None  # the mouse goes through
    popover.hide()
    assert not shadow.isVisible()
    popover.show()
    popover.hide()
    qtbot.wait(60)
    assert not shadow.isVisible()  # nor does it come after what is gone by then


def test_it_is_as_dark_all_along_an_edge(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    popover = Popover("Words", window)
    popover.setGeometry(100, 50, 300, 200)
    window.show()
    popover.show()
    (shadow,) = window.findChildren(Shadow)
    qtbot.waitUntil(shadow.isVisible)
    image = window.grab().toImage()
    below = [image.pixelColor(x, 252).lightness() for x in range(110, 390)]
    beside = [image.pixelColor(402, y).lightness() for y in range(70, 240)]
    assert len({*below}) == 1
    assert len({*beside}) == 1
    away = [image.pixelColor(250, y).lightness() for y in range(250, 268)]
    assert away == sorted(away)
    assert away[0] < away[-1]


def test_a_popover_stays_within_a_low_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 200)
    button = QPushButton("Open", window)
    popover = Popover("Words", window)
    rows = QListWidget()
    rows.addItems([f"Row {number}" for number in range(40)])
    rows.setFixedWidth(200)
    rows.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
    popover.column.addWidget(rows)
    window.show()
    popover.open_at(button)
    assert popover.y() >= 8
    assert popover.geometry().bottom() <= window.height() - 8


def test_one_of_a_given_height_is_lower_in_a_low_window_alone(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton("Open", window)
    popover = Popover("Words", window)
    popover.column.addWidget(QListWidget())
    popover.tall = 500
    window.show()
    heights: list[int] = []
    for height in (300, 900):
        window.resize(600, height)
        popover.open_at(button)
        heights.append(popover.height())
        popover.hide()
    assert heights == [300 - 16, 500]
