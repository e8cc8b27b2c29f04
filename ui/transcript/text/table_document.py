"""A document of one table that grows row by row, its columns as wide as they need to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument, QTextLength, QTextTable

from desktop.markdown.blocks import Block
from ui.transcript.text.formats import LINE_HEIGHT, Formats
from ui.transcript.text.paragraphs import PLAIN, Run, Style, is_rtl, runs_of

HEAD = Style(ink="muted", small=True)
_ALIGNMENTS = {
    "text-align:center": Qt.AlignmentFlag.AlignHCenter,
    "text-align:right": Qt.AlignmentFlag.AlignRight,
}

Insert = Callable[[QTextCursor, Sequence[Run]], None]


class Cell(NamedTuple):
    """One cell: its runs, and how it is aligned."""

    runs: tuple[Run, ...]
    alignment: str = ""
    head: bool = False


Row = tuple[Cell, ...]


def rows(block: Block) -> list[Row]:
    """A table's rows, its head first where it is not the continuation of another."""
    found: list[Row] = []
    cells: list[Cell] = []
    alignment = ""
    head = False
    for token in block.tokens:
        match token.type:
            case "tr_open":
                cells = []
            case "th_open" | "td_open":
                alignment, head = str(token.attrs.get("style", "")), token.type == "th_open"
            case "inline":
                runs = runs_of(token.children or (), HEAD if head else PLAIN)
                cells.append(Cell(tuple(runs), alignment, head))
            case "tr_close":
                found.append(tuple(cells))
            case _:
                pass
    return found


class TableDocument:
    """The table of a document. `insert` writes runs at a cursor; `widths` are its columns' where they are given.

    Where its head runs from right to left its columns do too, which `rtl` says of a part without the head: Qt lays
    columns out from left to right alone, so they are put in from the other side.
    """

    def __init__(
        self,
        document: QTextDocument,
        formats: Formats,
        insert: Insert,
        wanted: list[Row],
        widths: Sequence[float],
        *,
        rtl: bool | None = None,
    ) -> None:
        self._document = document
        self._formats = formats
        self._insert = insert
        self._rows = wanted
        head = wanted[0] if wanted else ()
        self.rtl = is_rtl("".join(text for cell in head for text, _ in cell.runs)) if rtl is None else rtl
        self._table = self._make(wanted, widths)
        for number, row in enumerate(wanted):
            self._fill(number, row)

    def update(self, wanted: list[Row]) -> bool:
        """Show these rows, writing only those that differ; whether that was possible."""
        had = self._rows
        if len(wanted) < len(had) or not had or len(wanted[0]) != len(had[0]):
            return False
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if len(wanted) > len(had):
            self._table.appendRows(len(wanted) - len(had))
        for number, row in enumerate(wanted):
            before = had[number] if number < len(had) else ()
            if row != before:
                self._fill(number, row, before)
        cursor.endEditBlock()
        self._rows = wanted
        return True

    def widths(self) -> tuple[float, ...]:
        """Pixels of the columns as they are laid out."""
        layout = self._document.documentLayout()
        cells = [self._table.cellAt(0, column).firstCursorPosition() for column in range(self._table.columns())]
        lefts = [layout.blockBoundingRect(cell.block()).left() for cell in cells]
        ends = [*lefts[1:], layout.frameBoundingRect(self._table).right()]
        return tuple(end - left for left, end in zip(lefts, ends, strict=True))

    def _make(self, wanted: list[Row], widths: Sequence[float]) -> QTextTable:
        columns = max(max((len(row) for row in wanted), default=1), 1)
        form = self._formats.table(columns)
        if len(widths) == columns:
            form.setColumnWidthConstraints([QTextLength(QTextLength.Type.FixedLength, each) for each in widths])
        if self.rtl:
            form.setAlignment(Qt.AlignmentFlag.AlignRight)
        cursor = QTextCursor(self._document)
        cursor.setBlockFormat(self._formats.nothing())
        table = cursor.insertTable(max(len(wanted), 1), columns, form)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.setBlockFormat(self._formats.nothing())
        return table

    def _fill(self, number: int, row: Row, before: Row = ()) -> None:
        """Write a row's cells that differ."""
        for column, cell in enumerate(row):
            if column < len(before) and before[column] == cell:
                continue
            place = self._table.cellAt(number, self._table.columns() - 1 - column if self.rtl else column)
            if not place.isValid():
                return
            if column >= len(before):
                place.setFormat(self._formats.cell())
            cursor = place.firstCursorPosition()
            if column < len(before):
                cursor.setPosition(place.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
            cursor.setBlockFormat(self._block(cell))
            self._insert(cursor, cell.runs)

    def _block(self, cell: Cell) -> QTextBlockFormat:
        made = QTextBlockFormat()
        text = "".join(text for text, _ in cell.runs)
        if is_rtl(text):
            made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        if alignment := _ALIGNMENTS.get(cell.alignment):
            made.setAlignment(alignment | Qt.AlignmentFlag.AlignAbsolute)
        size = self._formats.look.fonts.small.pixelSize() if cell.head else self._formats.text_size
        height = round(size * LINE_HEIGHT)
        made.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        return made
