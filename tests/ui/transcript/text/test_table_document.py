from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextCursor, QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication

from desktop.markdown.text_segments import blocks
from ui.base.theme import Theme
from ui.transcript.text.documents import Laid
from ui.transcript.text.formats import Formats
from ui.transcript.text.look import Look
from ui.transcript.text.paragraphs import Run
from ui.transcript.text.table_document import HEAD, Cell, Row, TableDocument, rows

TEXT = "| Way | **Cancels** |\n|:---:|---:|\n| one | `yes` |\n| two |\n"


@pytest.fixture
def formats(qapp: QApplication) -> Formats:
    return Formats(Look.of(Theme.load("light"), QFont(qapp.font())))


class Made:
    """A table's text in a document, and how many cells were written."""

    def __init__(
        self, formats: Formats, wanted: list[Row], widths: Sequence[float] = (), *, rtl: bool | None = None
    ) -> None:
        self.document = QTextDocument()
        self.written = 0
        self.formats = formats
        self.text = TableDocument(self.document, formats, self.insert, wanted, widths, rtl=rtl)

    def insert(self, cursor: QTextCursor, runs: Sequence[Run]) -> None:
        self.written += 1
        for text, style in runs:
            cursor.insertText(text, self.formats.char(style))

    @property
    def table(self) -> QTextTable:
        (table,) = self.document.rootFrame().childFrames()
        assert isinstance(table, QTextTable)
        return table

    def cell(self, row: int, column: int) -> str:
        cell = self.table.cellAt(row, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()


def of(text: str) -> list[Row]:
    return rows(blocks(text)[0])


def test_rows_have_their_cells_alignments_and_a_head() -> None:
    head, first, second = of(TEXT)
    assert head[0] == Cell((("Way", HEAD),), "text-align:center", head=True)
    assert head[1].runs == (("Cancels", HEAD._replace(bold=True)),)
    assert first[1].alignment == "text-align:right"
    assert not first[1].head
    assert second[1].runs == ()


def test_cells_stand_where_they_belong(formats: Formats) -> None:
    made = Made(formats, of(TEXT))
    assert [made.cell(row, column) for row in range(3) for column in range(2)] == [
        *("Way", "Cancels", "one"),
        *("yes", "two", ""),
    ]
    block = made.table.cellAt(1, 1).firstCursorPosition().blockFormat()
    assert block.alignment() & Qt.AlignmentFlag.AlignRight


def test_rows_are_set_apart_by_hairlines_and_columns_by_none(formats: Formats) -> None:
    made = Made(formats, of(TEXT))
    cell = made.table.cellAt(1, 0).format().toTableCellFormat()
    assert cell.bottomBorder() == 1
    assert cell.leftBorder() == cell.rightBorder() == 0
    assert made.table.format().border() == 0


def test_only_cells_that_differ_are_written_again(formats: Formats) -> None:
    made = Made(formats, of(TEXT))
    made.written = 0
    assert made.text.update(of(TEXT[:-1] + " no |\n| three | x |\n"))
    assert made.written == 3
    assert [made.cell(2, 1), made.cell(3, 0), made.cell(3, 1)] == ["no", "three", "x"]


def test_a_table_with_other_columns_or_fewer_rows_is_another_one(formats: Formats) -> None:
    made = Made(formats, of(TEXT))
    assert not made.text.update(of("| a |\n|---|\n| b |\n| c |\n"))
    assert not made.text.update(of(TEXT)[:2])


def test_a_cell_may_be_right_to_left(formats: Formats) -> None:
    made = Made(formats, of("| a | שלום |\n|---|---|\n"))
    directions = [made.table.cellAt(0, column).firstCursorPosition().block().textDirection() for column in (0, 1)]
    assert directions == [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]


def test_columns_run_as_the_head_reads(formats: Formats) -> None:
    made = Made(formats, of("| עיר | מספר |\n|---|---|\n| קנברה | 450 |\n"))
    assert made.text.rtl
    assert [made.cell(0, 1), made.cell(1, 0), made.cell(1, 1)] == ["עיר", "450", "קנברה"]
    assert not Made(formats, of("| a | עיר |\n|---|---|\n")).text.rtl


def test_a_part_without_the_head_runs_as_it_is_told(formats: Formats) -> None:
    part = Made(formats, of("| a | b |\n|---|---|\n")[:1], rtl=True)
    assert [part.cell(0, 0), part.cell(0, 1)] == ["b", "a"]


def test_widths_that_are_given_hold(formats: Formats) -> None:
    made = Made(formats, of(TEXT), (150.0, 90.0))
    made.document.setTextWidth(600)
    assert made.text.widths() == pytest.approx((150, 90), abs=20)


def test_cells_that_are_copied_whole_are_read_without_a_cursor(
    formats: Formats, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(formats, of("| a | b |\n|---|---|\n" + "| one | two\u00a0words |\n" * 30))
    laid, between = Laid(made.document), Laid.between
    count = 0

    def counted(laid: Laid, start: int, end: int) -> str:
        nonlocal count
        count += 1
        return between(laid, start, end)

    monkeypatch.setattr(Laid, "between", counted)
    assert laid.copied(0, laid.length) == "a\tb" + "\none\ttwo words" * 30
    assert count <= 3


def test_a_table_that_is_read_from_the_right_is_copied_in_the_order_of_its_columns(formats: Formats) -> None:
    made = Made(formats, of("| أ | ب | ج |\n|---|---|---|\n| 1 | two<br>lines | 3 |\n"))
    laid = Laid(made.document)
    assert laid.copied(0, laid.length) == "أ\tب\tج\n1\ttwo lines\t3"
