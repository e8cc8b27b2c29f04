"""Tests of labels and buttons that shorten their text."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.theme import Themes
from ui.widgets.parts import ElidedButton, ElidedLabel

LONG = "a name that is much longer than there is room for in a narrow pane, & more"


def test_a_long_name_never_makes_its_window_wider(qtbot: QtBot, themes: Themes) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    row = QHBoxLayout(holder)
    name = ElidedButton()
    name.show_text(LONG)
    row.addWidget(name)
    assert holder.minimumSizeHint().width() < 120
    holder.resize(160, 40)
    holder.show()
    assert 60 < name.width() <= 160
    assert name.text().replace("&&", "&") == LONG
    assert not name.grab().isNull()


def test_a_short_name_keeps_the_width_that_it_needs(qtbot: QtBot, themes: Themes) -> None:
    name = ElidedButton()
    qtbot.addWidget(name)
    name.show_text("ab")
    assert name.minimumSizeHint().width() == min(72, name.sizeHint().width())


def test_a_label_keeps_the_least_that_it_was_given(qtbot: QtBot, themes: Themes) -> None:
    label = ElidedLabel(LONG, least=96)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() == 96
    label.setText("x")
    assert label.minimumSizeHint().width() == label.sizeHint().width() < 96
