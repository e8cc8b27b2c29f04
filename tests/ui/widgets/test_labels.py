"""Tests of labels and buttons that shorten their text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.ink import LEFT, RIGHT, drawing, inked, read_from, unlike
from ui.base.theme import Themes
from ui.transcript.error_card import ErrorCard
from ui.widgets.labels import ElidedButton, ElidedLabel, within_sentence
from ui.widgets.notice_bar import NoticeBar

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


@pytest.mark.parametrize("kind", [ElidedLabel, ElidedButton])
def test_read_from_the_right_words_keep_the_order_of_their_script(
    kind: type[ElidedLabel | ElidedButton], qtbot: QtBot, themes: Themes
) -> None:
    shown: list[tuple[QImage, QRect]] = []
    for direction in (LEFT, RIGHT):
        with read_from(direction):
            made = kind()
            qtbot.addWidget(made)
            made.setText("Why not?")
            made.setFixedSize(200, 30)
            image = made.grab().toImage()
        inner = image.rect().adjusted(4, 4, -4, -4) if kind is ElidedButton else image.rect()
        shown.append((drawing(image, inner), inked(image, inner)))
    (left, _), (right, place) = shown
    assert unlike(left, right) < 0.5
    assert kind is ElidedButton or place.left() > 100


def test_a_name_of_another_script_turns_no_word_of_its_sentence(qtbot: QtBot) -> None:
    said: dict[tuple[Qt.LayoutDirection, str], str] = {}
    for way in (LEFT, RIGHT):
        with read_from(way):
            said.update({(way, name): within_sentence(name) for name in ("Sky 2", "سؤال 2", "2")})
    assert said == {
        (LEFT, "Sky 2"): "Sky 2",
        (LEFT, "سؤال 2"): "\u2068سؤال 2\u2069",
        (LEFT, "2"): "2",
        (RIGHT, "Sky 2"): "\u2068Sky 2\u2069",
        (RIGHT, "سؤال 2"): "سؤال 2",
        (RIGHT, "2"): "2",
    }


def test_the_edge_of_a_frame_is_where_reading_begins(qtbot: QtBot, themes: Themes) -> None:
    for frame, colour in ((NoticeBar("Notice", tone="warn"), themes.current.warn), (ErrorCard(), themes.current.bad)):
        qtbot.addWidget(frame)
        frame.setFixedSize(200, 60)
        for direction, edge in ((LEFT, 1), (RIGHT, 198)):
            frame.setLayoutDirection(direction)
            image = frame.grab().toImage()
            assert [x for x in (1, 198) if image.pixelColor(x, 30) == QColor(colour)] == [edge]
