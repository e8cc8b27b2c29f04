"""Tests of the text that wraps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.base.theme import Themes
from ui.widgets.paragraph import Paragraph

TEXT = "Your conversations appear here. They stay on this computer."


@pytest.fixture
def paragraph(qtbot: QtBot, themes: Themes) -> Paragraph:
    made = Paragraph(TEXT)
    qtbot.addWidget(made)
    return made


def inked(paragraph: Paragraph) -> list[QPoint]:
    """The pixels that hold ink."""
    paragraph.setStyleSheet("background: white;")
    image = paragraph.grab().toImage()
    places = (QPoint(x, y) for y in range(image.height()) for x in range(image.width()))
    return [place for place in places if image.pixelColor(place).lightness() < 128]


def test_lines_stand_apart_and_the_height_follows_the_width(paragraph: Paragraph) -> None:
    assert paragraph.line_height == 19  # 13 px at 1.45
    assert paragraph.heightForWidth(2000) == 19
    assert paragraph.heightForWidth(200) == 19 * 3


def test_a_layout_gives_it_the_height_it_needs(qtbot: QtBot, themes: Themes) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    paragraph = Paragraph(TEXT)
    column = QVBoxLayout(holder)
    column.addWidget(paragraph)
    column.addStretch(1)
    holder.resize(220, 300)
    holder.show()
    assert paragraph.height() == paragraph.heightForWidth(paragraph.width())
    paragraph.setText(TEXT * 3)
    QApplication.processEvents()
    assert paragraph.height() == paragraph.heightForWidth(paragraph.width())


def test_all_of_it_is_drawn_also_a_word_that_is_wider_than_there_is_room(paragraph: Paragraph) -> None:
    paragraph.setText("x" * 100)
    paragraph.resize(120, paragraph.heightForWidth(120))
    lines = paragraph.height() // paragraph.line_height
    assert lines > 3
    assert max(place.y() for place in inked(paragraph)) > paragraph.line_height * (lines - 1)


def test_markup_is_text_and_a_screen_reader_says_it(paragraph: Paragraph) -> None:
    paragraph.setText("<b>bold</b>")
    assert paragraph.textFormat() is Qt.TextFormat.PlainText
    said = QAccessible.queryAccessibleInterface(paragraph)
    assert said.text(QAccessible.Text.Name) == "<b>bold</b>"


def test_it_begins_at_the_side_that_the_interface_is_read_from(paragraph: Paragraph) -> None:
    paragraph.setText("Short.")
    paragraph.resize(200, 19)

    assert max(place.x() for place in inked(paragraph)) < 60
    paragraph.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert min(place.x() for place in inked(paragraph)) > 140
