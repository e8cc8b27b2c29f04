"""Below what lies over it nothing is drawn, and nothing of it is seen."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QFrame, QWidget
from pytestqt.qtbot import QtBot

from ui.base.theme import Themes
from ui.widgets.underlay import Underlay


class Below(QWidget):
    """Remembers where it was drawn."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.drawn = QRegion()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.drawn += event.region()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor("red"))
        painter.end()


def shown(qtbot: QtBot, themes: Themes) -> tuple[QWidget, Below, QFrame, Underlay]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 200)
    below = Below(window)
    below.resize(300, 200)
    over = QFrame(window)
    over.setGeometry(50, 20, 201, 101)
    over.setStyleSheet(f"background: {themes.current.raised}; border: 1px solid blue; border-radius: 8px;")
    over.hide()
    underlay = Underlay(themes, window)
    window.show()
    qtbot.waitExposed(window)
    return window, below, over, underlay


def test_what_lies_below_is_drawn_at_the_corners_alone(qtbot: QtBot, themes: Themes) -> None:
    window, below, over, underlay = shown(qtbot, themes)
    qtbot.waitUntil(lambda: not below.drawn.isEmpty())
    over.show()
    underlay.lie_below(over)
    below.drawn = QRegion()
    window.update()
    qtbot.waitUntil(lambda: below.drawn.contains(QRect(52, 21, 3, 3)))
    assert not below.drawn.intersects(over.geometry().adjusted(8, 0, -8, 0))
    assert not below.drawn.intersects(over.geometry().adjusted(0, 8, 0, -8))
    assert window.childAt(over.geometry().center()) is over


def test_it_is_seen_nowhere_and_gone_when_it_is_hidden(qtbot: QtBot, themes: Themes) -> None:
    window, below, over, underlay = shown(qtbot, themes)
    over.show()
    without = window.grab().toImage()
    underlay.lie_below(over)
    assert window.grab().toImage() == without
    underlay.lie_nowhere()
    over.hide()
    below.drawn = QRegion()
    qtbot.waitUntil(lambda: QRegion(over.geometry()).subtracted(below.drawn).isEmpty())
