"""Strip chart: a row per model with one dot for each response, and the median marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ui.base.theme import Theme
from ui.charts.chart import Chart, ChartMark
from ui.charts.scale import Scale, ticks

_ROW, _LOW_ROW, _MANY = 46, 32, 4
"""Height of a row, and its height if there are more than so many rows."""
_AXIS, _PAD, _GAP, _END = 26, 4, 12, 28
_NAME, _NAME_SHARE = 150, 0.3
_DOT = 7.0
_OPACITY, _STRONG_OPACITY = 0.33, 0.7
_MEDIAN, _HALO = 3.0, 2.0
_GOLDEN = 0.618
"""Step that spreads any number of dots evenly, so that neighbors are apart."""


class StripRow(Struct, frozen=True):
    """Row of a strip chart. `text` reads out the row, and `read` a single value."""

    name: str
    colour: str
    values: Sequence[float]
    median: float
    text: str
    read: Callable[[float], str]


class StripChart(Chart):
    """Dots of equal values are placed beside each other within their row. Values beyond the scale are at its end."""

    def __init__(self, name: str, theme: Theme, tick: Callable[[float], str]) -> None:
        super().__init__(name, theme)
        self.tick = tick
        self.rows: Sequence[StripRow] = ()
        self._end = 0.0

    def show_rows(self, rows: Sequence[StripRow], end: float) -> None:
        """Replace the rows; the scale reaches at least to `end`."""
        self.rows, self._end = rows, end
        self.renew(_PAD + len(rows) * self._row + _AXIS)

    @property
    def end(self) -> float:
        """The largest value on the scale."""
        return ticks(self._end)[-1]

    @property
    def _row(self) -> int:
        return _LOW_ROW if len(self.rows) > _MANY else _ROW

    @property
    def _left(self) -> float:
        return min(_NAME, self.width() * _NAME_SHARE)

    def _scale(self) -> Scale:
        return Scale(0.0, self.end, self._left + _GAP, self.width() - _END)

    def draw(self, painter: QPainter) -> None:
        """Paint the scale, then names, dots and medians row by row."""
        if not self.rows:
            return
        scale, bottom = self._scale(), _PAD + len(self.rows) * self._row
        for value in ticks(self._end):
            x = round(self.mirrored_x(scale.at(value))) + 0.5
            painter.setPen(QPen(QColor(self.grid), 1))
            painter.drawLine(QPointF(x, _PAD), QPointF(x, bottom))
            self.write_centered(painter, scale.at(value), bottom + 4, self.tick(value), self.theme.muted)
        for number, row in enumerate(self.rows):
            top = _PAD + number * self._row
            self.write(painter, QRectF(_PAD, top, self._left - _PAD, self._row), row.name, self.theme.text)
            colour = QColor(row.colour)
            colour.setAlphaF(_STRONG_OPACITY if self.is_strong else _OPACITY)
            painter.setPen(QPen(colour, _DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(QPolygonF([QPointF(self.mirrored_x(x), y) for x, y in self._dots(row, top, scale)]))
            median = self.mirrored(self._median(row, top, scale))
            painter.fillRect(median.adjusted(-_HALO, 0, _HALO, 0), QColor(self.theme.raised))
            painter.fillRect(median, QColor(row.colour))

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the medians, at which the arrow keys stop, and all dots."""
        scale, half = self._scale(), _DOT / 2
        found: list[ChartMark] = []
        for number, row in enumerate(self.rows):
            top = _PAD + number * self._row
            found.append(ChartMark(self._median(row, top, scale), row.text))
            for value, (x, y) in zip(row.values, self._dots(row, top, scale), strict=True):
                dot = QRectF(x - half, y - half, _DOT, _DOT)
                found.append(ChartMark(dot, row.read(value), is_stop=False))
        return found

    def _median(self, row: StripRow, top: float, scale: Scale) -> QRectF:
        x = scale.at(min(row.median, scale.high))
        return QRectF(x - _MEDIAN / 2, top + 4, _MEDIAN, self._row - 8)

    def _dots(self, row: StripRow, top: float, scale: Scale) -> list[tuple[float, float]]:
        """Return the places of a row's dots, which are spread over a height that grows with their density."""
        columns = [round(scale.at(min(value, scale.high)) / _DOT) for value in row.values]
        counts = Counter(columns)
        room, middle = self._row - _DOT - 4, top + self._row / 2
        return [
            (
                scale.at(min(value, scale.high)),
                middle + (number * _GOLDEN % 1 - 0.5) * min((counts[column] - 1) * _DOT / 2, room),
            )
            for number, (value, column) in enumerate(zip(row.values, columns, strict=True))
        ]
