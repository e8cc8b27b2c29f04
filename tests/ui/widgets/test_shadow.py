"""The shadow goes along with what casts it."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton, QWidget
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
    assert shadow.isVisible()
    assert shadow.geometry().contains(popover.geometry())
    below = QPoint(popover.geometry().center().x(), popover.geometry().bottom() + 6)
    assert window.grab().toImage().pixelColor(below).lightness() < before.pixelColor(below).lightness()
    assert window.childAt(below) is None  # the mouse goes through
    popover.hide()
    assert not shadow.isVisible()
