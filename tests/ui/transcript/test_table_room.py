"""Columns of tables that stand in a running text."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument, QTextImageFormat, QTextTable
from PySide6.QtWidgets import QApplication

from ui.transcript.text.table_room import Column, TableRoom, _columns, divided


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


def put_in(document: QTextDocument, *cells: str) -> QTextTable:
    cursor = QTextCursor(document)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    table = cursor.insertTable(1, len(cells))
    for place, text in enumerate(cells):
        table.cellAt(0, place).firstCursorPosition().insertText(text)
    return table


def widths(table: QTextTable) -> list[float]:
    return [each.rawValue() for each in table.format().columnWidthConstraints()]


def test_pieces_of_one_table_have_the_same_columns_and_are_measured_once(qapp: QApplication) -> None:
    del qapp
    document = QTextDocument()
    room = TableRoom(document)
    tables: list[QTextTable] = []
    for continued, cells in ((False, ("a", "b")), (True, ("incomprehensibilities", "c")), (False, ("d", "e"))):
        tables.append(put_in(document, *cells))
        room.take(tables[-1].firstPosition(), 400, continued=continued)
    assert widths(tables[0]) == widths(tables[1]) != widths(tables[2])
    before = widths(tables[2])
    tables[2].cellAt(0, 0).firstCursorPosition().insertText("incomprehensibilities")
    room.fit(390)
    assert widths(tables[2]) == before


def test_where_words_have_no_room_columns_are_wide_enough_to_be_read() -> None:
    narrow, prose = Column(90, 100), Column(60, 900)
    assert divided([narrow, prose], 400) == [100, 300]
    assert divided([narrow, prose], 120) == [100, 180]
