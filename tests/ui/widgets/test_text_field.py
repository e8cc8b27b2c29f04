"""A field of several lines stays quick whatever is put into it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextOption
from pytestqt.qtbot import QtBot

from ui.composer.editor import PromptEditor
from ui.widgets.text_field import TextField

GREAT = "Look: " + "iVBORw0KGgo" * 300
BETWEEN = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
ANYWHERE = QTextOption.WrapMode.WrapAnywhere


@pytest.mark.parametrize("kind", [TextField, PromptEditor])
def test_lines_of_a_word_without_end_are_not_ended_between_words(qtbot: QtBot, kind: type[TextField]) -> None:
    """Qt would take seconds for each key in a hundred thousand letters without a blank."""
    qtbot.addWidget(field := kind())
    field.setPlainText("some words " * 1_000)
    assert field.wordWrapMode() is BETWEEN
    pasted = QMimeData()
    pasted.setText(GREAT)
    field.insertFromMimeData(pasted)
    assert field.wordWrapMode() is ANYWHERE
    assert GREAT in field.toPlainText()
    field.setPlainText("words")
    assert field.wordWrapMode() is BETWEEN
    field.setPlainText(GREAT)
    assert field.wordWrapMode() is ANYWHERE


def test_a_prompt_that_comes_back_is_shown_as_one_that_is_pasted(qtbot: QtBot) -> None:
    qtbot.addWidget(editor := PromptEditor())
    editor.replace(GREAT)
    assert editor.wordWrapMode() is ANYWHERE
