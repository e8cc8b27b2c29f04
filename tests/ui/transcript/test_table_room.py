"""Columns of tables that stand in a running text."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument, QTextImageFormat
from PySide6.QtWidgets import QApplication

from ui.transcript.text.table_room import _columns


def test_a_column_holds_the_picture_of_a_formula(qapp: QApplication) -> None:
    del qapp
    document = QTextDocument()
    table = QTextCursor(document).insertTable(1, 2)
    picture = QTextImageFormat()
    picture.setWidth(120)
    table.cellAt(0, 0).firstCursorPosition().insertImage(picture)
    table.cellAt(0, 1).firstCursorPosition().insertText("a")
    first, second = _columns(table, document.defaultFont())
    assert first.least >= 120
    assert second.wanted < 60
