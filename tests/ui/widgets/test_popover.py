"""The small frame at a control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.base.theme import Themes
from ui.widgets.popover import Popover


@dataclass
class Scene:
    window: QWidget
    control: QPushButton
    elsewhere: QLineEdit
    popover: Popover
    field: QLineEdit


@pytest.fixture
def scene(themes: Themes, qtbot: QtBot) -> Iterator[Scene]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 300)
    control, elsewhere = QPushButton("Open", window), QLineEdit(window)
    elsewhere.move(0, 250)
    popover = Popover("Facts", control)
    field = QLineEdit()
    popover.column.addWidget(field)
    window.show()
    window.activateWindow()
    control.setFocus()
    qtbot.waitUntil(control.hasFocus)
    popover.open_at(control)
    yield Scene(window, control, elsewhere, popover, field)
    popover.hide()


def test_a_popover_is_filled_with_its_theme_s_colour_and_lies_in_its_window(themes: Themes, scene: Scene) -> None:
    assert scene.popover.grab().toImage().pixelColor(30, 8) == QColor(themes.current.raised)
    assert scene.window.rect().contains(scene.popover.geometry())


def test_a_screen_reader_is_told_of_it(scene: Scene) -> None:
    children = QAccessible.queryAccessibleInterface(scene.window)
    names = [children.child(number).text(QAccessible.Text.Name) for number in range(children.childCount())]
    assert "Facts" in names


def test_esc_closes_it_and_gives_the_focus_back(qtbot: QtBot, scene: Scene) -> None:
    qtbot.waitUntil(scene.field.hasFocus)
    QTest.keyClick(scene.field, Qt.Key.Key_Escape)
    assert not scene.popover.isVisible()
    assert scene.control.hasFocus()


def test_a_press_elsewhere_closes_it_and_one_within_does_not(scene: Scene) -> None:
    QTest.mouseClick(scene.field, Qt.MouseButton.LeftButton)
    assert scene.popover.isVisible()
    QTest.mouseClick(scene.elsewhere, Qt.MouseButton.LeftButton)
    assert not scene.popover.isVisible()
    assert scene.elsewhere.hasFocus()


def test_it_closes_when_the_keyboard_goes_elsewhere(scene: Scene) -> None:
    scene.elsewhere.setFocus()
    assert not scene.popover.isVisible()
    assert scene.elsewhere.hasFocus()
