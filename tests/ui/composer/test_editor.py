"""The prompt field: what is typed is undone as in other programs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.composer.editor import PromptEditor


def test_typing_is_undone_and_redone_word_by_word(qtbot: QtBot) -> None:
    editor = PromptEditor()
    qtbot.addWidget(editor)
    editor.show()
    QTest.keyClicks(editor, "one two")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor, "three four")
    seen = [editor.toPlainText()]
    while editor.toPlainText():
        editor.undo()
        seen.append(editor.toPlainText())
    assert seen == ["one two\nthree four", "one two\nthree ", "one two\n", "one two", "one ", ""]
    editor.redo()
    editor.redo()
    assert editor.toPlainText() == "one two"
