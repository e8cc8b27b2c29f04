"""Plot of a ranking: one row per model, with its score and interval."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.charts.chart import Chart

_ROW, _AXIS, _PAD = 30, 24, 4
_NAME, _VALUE, _GAP = 180, 190, 12
_NAME_SHARE, _VALUE_SHARE = 0.28, 0.34
"""Maximum shares of the width for the names and for the texts at the end of rows."""
_LEAST = 200.0
"""Minimum range of scores that the scale covers, so that a few votes do not look like a large difference."""


class IntervalRow(Struct, frozen=True):
    """Row of the plot: a model's name, score, interval and color, and the text at the end."""

    name: str
    low: float
    score: float
    high: float
    colour: str
    text: str


class IntervalPlot(Chart):
    """Plot of intervals on a common scale, which `ends` limits if given.

    Screen readers receive one sentence per row.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, ends: tuple[float, float] | None = None) -> None:
        super().__init__(tr("Scores with 95% confidence intervals"), theme, parent, tall=2 * _PAD)
        self._scale = ends
        self._rows: tuple[IntervalRow, ...] = ()

    @property
    def rows(self) -> tuple[IntervalRow, ...]:
        """The rows, best first."""
        return self._rows

    def show_rows(self, rows: Sequence[IntervalRow]) -> None:
        """Replace the rows, best first."""
        self._rows = tuple(rows)
        said = (tr("{name}: {value}.", name=row.name, value=row.text) for row in self._rows)
        self.setAccessibleDescription(" ".join(said))
        self.renew(_ROW * len(self._rows) + (_AXIS if self._rows else 0) + 2 * _PAD)

    @property
    def _sides(self) -> tuple[int, int]:
        """Widths in pixels of the names and of the texts at the end of rows."""
        return min(_NAME, int(self.width() * _NAME_SHARE)), min(_VALUE, int(self.width() * _VALUE_SHARE))

    def draw(self, painter: QPainter) -> None:
        """Paint the rows and the scale."""
        if not self._rows:
            return
        ends = self._ends()
        for number, row in enumerate(self._rows):
            self._paint_row(painter, row, _PAD + number * _ROW, ends)
        self._paint_axis(painter, _PAD + len(self._rows) * _ROW, ends)

    def _ends(self) -> tuple[float, float]:
        low, high = min(row.low for row in self._rows), max(row.high for row in self._rows)
        if self._scale is not None:
            return self._scale
        lacks = max(_LEAST - (high - low), 0.0) / 2
        return low - lacks, high + lacks

    def _x(self, score: float, ends: tuple[float, float]) -> float:
        names, values = self._sides
        left, right = names + _GAP, self.width() - values - _GAP
        return left + (score - ends[0]) / (ends[1] - ends[0]) * (right - left)

    def _paint_row(self, painter: QPainter, row: IntervalRow, top: float, ends: tuple[float, float]) -> None:
        middle = top + _ROW / 2
        names, values = self._sides
        self.write(painter, QRectF(_PAD, top, names - _PAD, _ROW), row.name, self.theme.text, strong=True)
        end = QRectF(self.width() - values, top, values - _PAD, _ROW)
        self.write(painter, end, row.text, self.theme.muted, side="end")
        colour = QColor(row.colour)
        painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        low, score, high = (self.mirrored_x(self._x(each, ends)) for each in (row.low, row.score, row.high))
        painter.drawLine(round(low), round(middle), round(high), round(middle))
        for end in (low, high):
            painter.drawLine(round(end), round(middle - 5), round(end), round(middle + 5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(score - 4.5, middle - 4.5, 9, 9))

    def _paint_axis(self, painter: QPainter, top: float, ends: tuple[float, float]) -> None:
        painter.setPen(QPen(QColor(self.theme.line), 1))
        left, right = (round(self.mirrored_x(self._x(each, ends))) for each in ends)
        painter.drawLine(left, round(top), right, round(top))
        for score in (ends[0], (ends[0] + ends[1]) / 2, ends[1]):
            self.write_centered(painter, self._x(score, ends), top + 2, f"{score:.0f}", self.theme.muted)
