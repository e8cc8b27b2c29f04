"""Charts over days: lines with a band around each, and stacked bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ui.base.strings import short_day
from ui.base.theme import Theme
from ui.charts.chart import LETTERS, Chart, ChartMark
from ui.charts.scale import Scale, day_ticks, ticks

_TOP, _BELOW, _RIGHT, _GAP = 12, 28, 20, 10
_BAND, _STRONG_BAND = 0.16, 0.3
"""Opacity of bands in usual themes, and in the one with high contrast."""
_WIDE_TICK = 90
"""Least distance of the labels of days in pixels."""
_FEW = 40
"""Number of points up to which each is marked on its line."""
_DOT, _ALONE = 2.5, 3.0
_SLOT, _WIDEST_BAR = 0.7, 24.0


class LinePoint(Struct, frozen=True):
    """Value of a day, with the ends of the band if they are known, and the text that reads it out."""

    day: date
    value: float
    low: float | None
    high: float | None
    text: str


class ChartLine(Struct, frozen=True):
    """Line of a chart, oldest point first."""

    name: str
    colour: str
    points: Sequence[LinePoint]


class BarPart(Struct, frozen=True):
    """Part of a bar, with the text that reads it out."""

    colour: str
    value: float
    text: str


class DayBar(Struct, frozen=True):
    """Stacked bar of a day, the lowest part first."""

    day: date
    parts: Sequence[BarPart]


class DayChart(Chart):
    """Base of charts with days from left to right and a scale from 0 upward. `tick` formats a value of the scale."""

    def __init__(self, name: str, theme: Theme, tick: Callable[[float], str]) -> None:
        super().__init__(name, theme)
        self.tick = tick

    def area(self, high: float) -> QRectF:
        """Return the rectangle of the values beside the labels of a scale up to `high`."""
        left = max(self.width_of(self.tick(each)) for each in ticks(high)) + _GAP
        return QRectF(left, _TOP, self.width() - left - _RIGHT, self.height() - _TOP - _BELOW)

    def draw_scale(self, painter: QPainter, area: QRectF, high: float) -> None:
        """Paint the lines of the scale and their labels."""
        scale = Scale(0.0, ticks(high)[-1], area.bottom(), area.top())
        for value in ticks(high):
            y = round(scale.at(value)) + 0.5
            painter.setPen(QPen(QColor(self.theme.line), 1))
            ends = [self.mirrored_x(x) for x in (area.left(), area.right())]
            painter.drawLine(QPointF(ends[0], y), QPointF(ends[1], y))
            label = QRectF(0, y - LETTERS, area.left() - _GAP, 2 * LETTERS)
            self.write(painter, label, self.tick(value), self.theme.muted, side="end")

    def draw_days(self, painter: QPainter, area: QRectF, places: Sequence[tuple[date, float]]) -> None:
        """Paint the labels of days at their horizontal places."""
        for at, x in places:
            self.write_centered(painter, x, area.bottom() + 6, short_day(at), self.theme.muted)


class LineChart(DayChart):
    """A line per model over days, with a band around each where its ends are known."""

    def __init__(self, name: str, theme: Theme, tick: Callable[[float], str]) -> None:
        super().__init__(name, theme, tick)
        self.lines: Sequence[ChartLine] = ()

    def show_lines(self, lines: Sequence[ChartLine]) -> None:
        """Replace the lines."""
        self.lines = lines
        self.renew()

    def draw(self, painter: QPainter) -> None:
        """Paint bands below lines, and both above the scale."""
        if not self.lines:
            return
        area, high = self.area(self._high), self._high
        self.draw_scale(painter, area, high)
        first, last = self._days
        across = Scale(first.toordinal(), last.toordinal(), area.left(), area.right())
        labelled = day_ticks(first, last, max(int(area.width() / _WIDE_TICK), 2))
        self.draw_days(painter, area, [(each, across.at(each.toordinal())) for each in labelled])
        up = Scale(0.0, ticks(high)[-1], area.bottom(), area.top())
        for line in self.lines:
            self._draw_band(painter, line, across, up)
        for line in self.lines:
            self._draw_line(painter, line, across, up)

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the points of all lines, line by line."""
        if not self.lines:
            return ()
        area, (first, last) = self.area(self._high), self._days
        across = Scale(first.toordinal(), last.toordinal(), area.left(), area.right())
        up = Scale(0.0, ticks(self._high)[-1], area.bottom(), area.top())
        return [
            ChartMark(QRectF(across.at(each.day.toordinal()) - 3, up.at(each.value) - 3, 6, 6), each.text)
            for line in self.lines
            for each in line.points
        ]

    @property
    def _high(self) -> float:
        return max((each.high or each.value for line in self.lines for each in line.points), default=0.0)

    @property
    def _days(self) -> tuple[date, date]:
        days = [each.day for line in self.lines for each in line.points]
        return min(days), max(days)

    def _point(self, each: LinePoint, value: float, across: Scale, up: Scale) -> QPointF:
        return QPointF(self.mirrored_x(across.at(each.day.toordinal())), up.at(value))

    def _draw_band(self, painter: QPainter, line: ChartLine, across: Scale, up: Scale) -> None:
        colour = QColor(line.colour)
        colour.setAlphaF(_STRONG_BAND if self.theme.canvas == self.theme.surface else _BAND)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        stretch: list[tuple[LinePoint, float, float]] = []
        for each in (*line.points, None):
            if each is not None and each.low is not None and each.high is not None:
                stretch.append((each, each.low, each.high))
                continue
            if len(stretch) == 1:  # a day between days without a band
                point, low, high = stretch[0]
                top, bottom = (self._point(point, value, across, up) for value in (high, low))
                painter.drawRect(QRectF(top.x() - _ALONE, top.y(), 2 * _ALONE, bottom.y() - top.y()))
            elif stretch:
                highs = [self._point(point, high, across, up) for point, _, high in stretch]
                lows = [self._point(point, low, across, up) for point, low, _ in reversed(stretch)]
                painter.drawPolygon(QPolygonF([*highs, *lows]))
            stretch = []

    def _draw_line(self, painter: QPainter, line: ChartLine, across: Scale, up: Scale) -> None:
        points = [self._point(each, each.value, across, up) for each in line.points]
        painter.setPen(QPen(QColor(line.colour), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if len(points) <= _FEW:
            painter.setBrush(QColor(line.colour))
            painter.setPen(Qt.PenStyle.NoPen)
            for each in points:
                painter.drawEllipse(each, _DOT, _DOT)


class StackedBars(DayChart):
    """A stacked bar for each day."""

    def __init__(self, name: str, theme: Theme, tick: Callable[[float], str]) -> None:
        super().__init__(name, theme, tick)
        self.bars: Sequence[DayBar] = ()

    def show_bars(self, bars: Sequence[DayBar]) -> None:
        """Replace the bars, oldest first and without gaps."""
        self.bars = bars
        self.renew()

    def draw(self, painter: QPainter) -> None:
        """Paint the scale, the bars and some of their days."""
        if not self.bars:
            return
        area = self.area(self._high)
        self.draw_scale(painter, area, self._high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for place, part in self._placed(area):
            painter.fillRect(self.mirrored(place), QColor(part.colour))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = max(-(-len(self.bars) // max(int(area.width() / _WIDE_TICK), 1)), 1)
        slot = area.width() / len(self.bars)
        labelled = [(each.day, area.left() + (at + 0.5) * slot) for at, each in enumerate(self.bars) if at % step == 0]
        self.draw_days(painter, area, labelled)

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the parts of all bars."""
        return [ChartMark(place, part.text) for place, part in self._placed(self.area(self._high))] if self.bars else ()

    @property
    def _high(self) -> float:
        return max((sum(part.value for part in each.parts) for each in self.bars), default=0.0)

    def _placed(self, area: QRectF) -> list[tuple[QRectF, BarPart]]:
        slot = area.width() / len(self.bars)
        wide = max(min(slot * _SLOT, _WIDEST_BAR), 1.0)
        up = Scale(0.0, ticks(self._high)[-1], area.bottom(), area.top())
        placed: list[tuple[QRectF, BarPart]] = []
        for number, bar in enumerate(self.bars):
            left, below = area.left() + (number + 0.5) * slot - wide / 2, 0.0
            for part in bar.parts:
                bottom, top = up.at(below), up.at(below + part.value)
                placed.append((QRectF(left, top, wide, max(bottom - top, 1.0)), part))
                below += part.value
        return placed
