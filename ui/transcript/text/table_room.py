"""Column widths for tables in the caret reader, chosen so that words break only if there is no other way."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from PySide6.QtGui import QFont, QFontMetricsF, QTextCharFormat, QTextDocument, QTextLength, QTextTable, QTextTableCell

from ui.transcript.text.formats import CELL_SIDE

_MOST_ROWS = 200
"""Maximum number of rows that are measured."""

_WIDEST = 400.0
"""Maximum width in pixels that one word may claim."""

_READABLE = 180.0
"""Column width in pixels at which prose is comfortable to read."""

_ROUNDED = 2
"""Tolerance in pixels for rounding."""


class Column(NamedTuple):
    """Widths in pixels of the longest word and of the longest line in a column."""

    least: float
    wanted: float


class _Pieces:
    """Parts of a table that was split, which have the same column widths."""

    def __init__(self, columns: list[Column]) -> None:
        self.tables: list[QTextTable] = []
        self.columns = columns
        self._widths: list[float] = []

    def add(self, table: QTextTable, columns: list[Column]) -> None:
        """Add a part, widening the columns if needed."""
        self.tables.append(table)
        pairs = zip(self.columns, columns, strict=True)
        self.columns = [Column(max(a.least, b.least), max(a.wanted, b.wanted)) for a, b in pairs]

    def fit(self, room: float) -> None:
        """Distribute a width among the columns of all parts."""
        widths = divided(self.columns, room)
        for table in self.tables if widths != self._widths else self.tables[-1:]:
            form = table.format()
            form.setColumnWidthConstraints([QTextLength(QTextLength.Type.FixedLength, each) for each in widths])
            table.setFormat(form)
        self._widths = widths


class TableRoom:
    """Sets the column widths of a document's tables. Each table is measured only once."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._found: list[_Pieces] = []

    def take(self, start: int, room: float, *, continued: bool) -> None:
        """Fit the tables that follow a position. If `continued`, the first one is another part of the last table."""
        for frame in self._document.rootFrame().childFrames():
            if not isinstance(frame, QTextTable) or frame.lastPosition() < start:
                continue
            columns = _columns(frame, self._document.defaultFont())
            if not continued or not self._found or len(self._found[-1].columns) != len(columns):
                self._found.append(_Pieces(columns))
            continued = False
            self._found[-1].add(frame, columns)
            self._found[-1].fit(room)

    def fit(self, room: float) -> None:
        """Distribute another width among the columns."""
        for pieces in self._found:
            pieces.fit(room)


def divided(columns: list[Column], room: float) -> list[float]:
    """Return column widths that share a width evenly. No column is narrower than its longest word.

    Columns that need less leave the rest to others. If not even the words fit, the table is wider than `room`.
    """
    if sum(column.least for column in columns) > room:
        return [max(column.least, min(column.wanted, _READABLE)) for column in columns]
    widths = [0.0] * len(columns)
    places = sorted(range(len(columns)), key=lambda place: columns[place].wanted)
    for done, place in enumerate(places):
        later = sum(columns[each].least for each in places[done + 1 :])
        part = min(room / (len(places) - done), room - later)
        widths[place] = max(min(columns[place].wanted, part), columns[place].least)
        room -= widths[place]
    return widths


def _columns(table: QTextTable, plain: QFont) -> list[Column]:
    return [_column(table, number, plain) for number in range(table.columns())]


def _column(table: QTextTable, number: int, plain: QFont) -> Column:
    least = wanted = 0.0
    for row in range(min(table.rows(), _MOST_ROWS)):
        line = 0.0
        for text, form in _runs(table.cellAt(row, number)):
            if form.isImageFormat():  # a formula, in whose place there is one sign
                width = form.toImageFormat().width()
                line, least = line + width, max(least, width)
                continue
            metrics = QFontMetricsF(form.font().resolve(plain))  # what no piece says of itself is the document's
            line += metrics.horizontalAdvance(text)
            least = max(least, *(metrics.horizontalAdvance(word) for word in text.split()), 0.0)
        wanted = max(wanted, line)
    least = min(least, _WIDEST)
    beside = CELL_SIDE + _ROUNDED
    return Column(ceil(least) + beside, ceil(max(wanted, least)) + beside)


def _runs(cell: QTextTableCell) -> Iterator[tuple[str, QTextCharFormat]]:
    """Yield the fragments of a cell's text with their formats."""
    block = cell.firstCursorPosition().block()
    last = cell.lastPosition()
    while block.isValid() and block.position() <= last:
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            yield piece.text(), piece.charFormat()
            pieces += 1
        block = block.next()
