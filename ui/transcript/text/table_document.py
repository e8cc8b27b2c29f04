"""Document that contains one table, which can grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextBlockFormat, QTextCursor, QTextDocument, QTextLength, QTextTable

from desktop.markdown.blocks import Block, Wording
from desktop.markdown.outlook import unbroken, weight
from desktop.markdown.table_csv import MOST_COLUMNS, table_link
from ui.base.strings import tr
from ui.transcript.text.formats import CELL_SIDE, LINE_HEIGHT, Formats
from ui.transcript.text.paragraphs import PLAIN, Run, Style, isolated, runs_of, runs_rtl

_WIDEST = 400.0
"""Maximum width in pixels of a column whose longest word is not broken."""

_SHAPES = 16
"""Number of cached cell formats."""

_READABLE = 20
"""Column width above which cells wrap, as a multiple of the text size."""

HEAD = Style(ink="muted", small=True)
_ALIGNMENTS = {
    "text-align:center": Qt.AlignmentFlag.AlignHCenter,
    "text-align:right": Qt.AlignmentFlag.AlignRight,
}

Insert = Callable[[QTextCursor, Sequence[Run]], None]


class Cell(NamedTuple):
    """Runs and alignment of a table cell."""

    runs: tuple[Run, ...]
    alignment: str = ""
    head: bool = False


Row = tuple[Cell, ...]


def rows(block: Block) -> list[Row]:
    """Return the rows of a table. The first one is the header, unless the block continues a table.

    Of very wide tables, only the first columns are returned, and the header has a link to all of them.
    """
    table_rows: list[Row] = []
    cells: list[Cell] = []
    written: list[str] = []
    alignment = ""
    head = False
    for token in block.tokens:
        match token.type:
            case "tr_open":
                cells, written = [], []
            case "th_open" | "td_open":
                alignment, head = str(token.attrs.get("style", "")), token.type == "th_open"
            case "inline":
                written.append(token.content)
                if len(cells) == MOST_COLUMNS:
                    continue
                runs = runs_of(token.children or (), HEAD if head else PLAIN)
                cells.append(Cell(tuple(runs), alignment, head))
            case "tr_close" if len(written) > MOST_COLUMNS:
                table_rows.append((*cells, _rest(written) if head else Cell(())))
            case "tr_close":
                table_rows.append(tuple(cells))
            case _:
                pass
    return table_rows


def _rest(written: Sequence[str]) -> Cell:
    """Return the header cell that represents the omitted columns."""
    said = tr("Show all {n} columns", n=len(written))
    return Cell(((said, HEAD._replace(href=table_link(written))),), head=True)


class TableDocument:
    """Table in a document. `insert` writes runs; `widths` are column widths to use.

    `measured` means that these widths already fit all words. The direction is that of the header.
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
        measured: bool = False,
    ) -> None:
        self._document = document
        self._formats = formats
        self._insert = insert
        self._shapes = lru_cache(_SHAPES)(self._shape)
        self._rows = wanted
        head = wanted[0] if wanted else ()
        self.rtl = runs_rtl([run for cell in head for run in cell.runs]) if rtl is None else rtl
        self._fixed: tuple[float, ...] = ()
        """Pixels of the columns where they are not as wide as they like."""
        self._narrowed: frozenset[int] = frozenset()
        self._table = self._make(wanted)
        if len(widths) == self._table.columns():
            self.widen(tuple(widths) if measured else tuple(map(max, widths, self._needs(wanted))))
        for number, row in enumerate(wanted):
            self._fill(number, row)

    def update(self, wanted: list[Row]) -> bool:
        """Show these rows, rewriting only the cells that differ. Returns whether that was possible."""
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
        if self._fixed:
            self.widen(tuple(map(max, self._fixed, self._needs(wanted[len(had) - 1 :]))))
        return True

    def widen(self, widths: tuple[float, ...]) -> None:
        """Set the column widths, in reading order."""
        if widths == self._fixed or len(widths) != self._table.columns():
            return
        self._fixed = widths
        form = self._table.format()
        form.setColumnWidthConstraints([QTextLength(QTextLength.Type.FixedLength, each) for each in widths])
        self._table.setFormat(form)

    @property
    def fixed_width(self) -> float:
        """Total width if all columns have fixed widths, otherwise 0. Known without layout."""
        return sum(self._fixed)

    def narrow(self) -> bool:
        """Wrap columns that are too wide to read. Returns whether any column has a fixed width then."""
        most = _READABLE * self._formats.text_size
        wide = frozenset(index for index, each in enumerate(() if self._fixed else self.widths()) if each > most + 1)
        if wide <= self._narrowed:
            return bool(self._fixed or self._narrowed)
        self._narrowed |= wide
        free, held = QTextLength(), QTextLength(QTextLength.Type.FixedLength, most)
        form = self._table.format()
        places = range(self._table.columns())
        form.setColumnWidthConstraints([held if index in self._narrowed else free for index in places])
        self._table.setFormat(form)
        return True

    def room_for(self, words: Sequence[Wording]) -> tuple[float, ...]:
        """Return column widths that fit these words, one per column."""
        wide = [min(ceil(self._advance(word)) + CELL_SIDE, _WIDEST) if word.text else 0.0 for word in words]
        wide = [*wide, *[0.0] * (self._table.columns() - len(wide))][: self._table.columns()]
        return tuple(reversed(wide) if self.rtl else wide)

    def widths(self) -> tuple[float, ...]:
        """Return the column widths in pixels."""
        if self._fixed:
            return self._fixed
        layout = self._document.documentLayout()
        cells = [self._table.cellAt(0, column).firstCursorPosition() for column in range(self._table.columns())]
        lefts = [layout.blockBoundingRect(cell.block()).left() for cell in cells]
        ends = [*lefts[1:], layout.frameBoundingRect(self._table).right()]
        return tuple(end - left for left, end in zip(lefts, ends, strict=True))

    def _needs(self, wanted: list[Row]) -> tuple[float, ...]:
        """Return the minimum column widths for the words in these rows."""
        columns = [Wording()] * self._table.columns()
        for row in wanted:
            for column, cell in enumerate(row[: len(columns)]):
                text = unbroken("".join(text for text, _ in cell.runs))
                if weight(text) > weight(columns[column].text):
                    styles = [style for _, style in cell.runs]
                    bold, code = any(each.bold for each in styles), any(each.code for each in styles)
                    columns[column] = Wording(text, bold, code)
        return self.room_for(columns)

    def _advance(self, word: Wording) -> float:
        fonts = self._formats.look.fonts
        font = QFont(fonts.code if word.code else fonts.body)
        font.setBold(word.bold)
        return QFontMetricsF(font).horizontalAdvance(word.text)

    def _make(self, wanted: list[Row]) -> QTextTable:
        columns = max(max((len(row) for row in wanted), default=1), 1)
        form = self._formats.table(columns)
        if self.rtl:
            form.setAlignment(Qt.AlignmentFlag.AlignRight)
        cursor = QTextCursor(self._document)
        cursor.setBlockFormat(self._formats.nothing())
        table = cursor.insertTable(max(len(wanted), 1), columns, form)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.setBlockFormat(self._formats.nothing())
        return table

    def _fill(self, number: int, row: Row, before: Row = ()) -> None:
        """Write the cells of a row that changed."""
        for column, cell in enumerate(row):
            if column < len(before) and before[column] == cell:
                continue
            cell_position = self._table.cellAt(number, self._table.columns() - 1 - column if self.rtl else column)
            if not cell_position.isValid():
                return
            if column >= len(before):
                cell_position.setFormat(self._formats.cell())
            cursor = cell_position.firstCursorPosition()
            if column < len(before):
                cursor.setPosition(cell_position.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
                cursor.removeSelectedText()
            rtl = runs_rtl(cell.runs)
            cursor.setBlockFormat(self._shapes(cell.alignment, rtl, cell.head))
            self._insert(cursor, isolated(cell.runs) if rtl else cell.runs)

    def _shape(self, alignment: str, rtl: bool, head: bool) -> QTextBlockFormat:  # noqa: FBT001 - kept by these
        block_format = QTextBlockFormat()
        if rtl:
            block_format.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        if aligned := _ALIGNMENTS.get(alignment):
            block_format.setAlignment(aligned | Qt.AlignmentFlag.AlignAbsolute)
        size = self._formats.look.fonts.small.pixelSize() if head else self._formats.text_size
        height = round(size * LINE_HEIGHT)
        block_format.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        return block_format
