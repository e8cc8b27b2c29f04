"""Heat map: a table of shares between models, colored by size, with each model itself on the diagonal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ui.base.theme import Theme, mixed
from ui.charts.chart import Chart, ChartMark

_ROW, _HEAD, _PAD = 30, 28, 4
_NAME, _NAME_SHARE = 150, 0.3
_SQUARE = 8
_NARROW = 44
"""Width of a column in pixels below which its head is only the colored square of its model."""
_SMALL = 0.3
"""Share up to which the largest one is not the deepest, so that small differences look small."""
_DEEPEST = 0.55
_DEEPEST_DARK = 0.42
"""Share of the accent color in the deepest cell, on which the text is still easy to read."""


class HeatCell(Struct, frozen=True):
    """Share from 0 to 1 with its text, and the text that reads it out."""

    share: float
    text: str
    read: str


class HeatMap(Chart):
    """Table of names by names. Cells that are not known have a dash."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__(name, theme)
        self._names: Sequence[tuple[str, str]] = ()
        self.cells: Mapping[tuple[int, int], HeatCell] = {}

    def show_cells(self, names: Sequence[tuple[str, str]], cells: Mapping[tuple[int, int], HeatCell]) -> None:
        """Replace the cells, by row and column. `names` are those of rows and columns, with their colors."""
        self._names, self.cells = names, cells
        self.renew(_HEAD + _ROW * len(names) + _PAD)

    def fill_of(self, share: float) -> str:
        """Return the color of a cell. The largest share is the deepest, unless all are small."""
        theme, deepest = self.theme, max([_SMALL, *(each.share for each in self.cells.values())])
        return mixed(theme.raised, theme.accent, share / deepest * (_DEEPEST_DARK if theme.dark else _DEEPEST))

    def draw(self, painter: QPainter) -> None:
        """Paint the head, the names and the cells."""
        left, wide = self._columns
        for number, (name, colour) in enumerate(self._names):
            at = left + number * wide
            square = QRectF(at + wide - 8 - _SQUARE, (_HEAD - _SQUARE) / 2, _SQUARE, _SQUARE)
            self._draw_square(painter, square, colour)
            if wide >= _NARROW:
                room = QRectF(at + 2, 0, wide - _SQUARE - 16, _HEAD)
                self.write(painter, room, name, self.theme.muted, side="end")
            row = QRectF(0, _HEAD + number * _ROW, left - 8, _ROW)
            self._draw_square(painter, QRectF(4, row.center().y() - _SQUARE / 2, _SQUARE, _SQUARE), colour)
            self.write(painter, row.adjusted(_SQUARE + 10, 0, 0, 0), name, self.theme.text)
        for row in range(len(self._names)):
            for column in range(len(self._names)):
                place, cell = self._place(row, column), self.cells.get((row, column))
                inner = place.adjusted(0.5, 0.5, -0.5, -0.5)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self.theme.surface if cell is None else self.fill_of(cell.share)))
                painter.drawRect(self.mirrored(inner))
                text, colour = ("–", self.theme.muted) if cell is None else (cell.text, self.theme.text)
                self.write(painter, inner.adjusted(2, 0, -8, 0), text, colour, strong=row == column, side="end")

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the known cells."""
        return [
            ChartMark(self._place(*at).adjusted(2, 2, -2, -2), cell.read) for at, cell in sorted(self.cells.items())
        ]

    @property
    def _columns(self) -> tuple[float, float]:
        """Left edge and width of the columns."""
        left = min(_NAME, self.width() * _NAME_SHARE)
        return left, (self.width() - left - 2) / max(len(self._names), 1)

    def _place(self, row: int, column: int) -> QRectF:
        left, wide = self._columns
        return QRectF(left + column * wide, _HEAD + row * _ROW, wide, _ROW)

    def _draw_square(self, painter: QPainter, place: QRectF, colour: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(self.mirrored(place), 2, 2)
