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
_CROWDED = 120
"""Number of points above which a line is thin, because wide ones hide each other and are slow to paint."""
_DOT, _ALONE = 2.5, 3.0
_SLOT, _WIDEST_BAR = 0.7, 24.0


class LinePoint(Struct, frozen=True):
    """Value of a day, with the ends of the band if they are known."""

    day: date
    value: float
    low: float | None
    high: float | None


class ChartLine(Struct, frozen=True):
    """Line of a chart, oldest point first. `read` returns the text that reads out a point."""

    name: str
    colour: str
    points: Sequence[LinePoint]
    read: Callable[[LinePoint], str]


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
            painter.setPen(QPen(QColor(self.grid), 1))
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
        self._high = 0.0
        self._days = (date.min, date.min)

    def show_lines(self, lines: Sequence[ChartLine]) -> None:
        """Replace the lines."""
        self.lines = lines
        points = [each for line in lines for each in line.points]
        self._high = max((each.high or each.value for each in points), default=0.0)
        days = [each.day for each in points]
        self._days = (min(days), max(days)) if days else (date.min, date.min)
        self.renew()

    def draw(self, painter: QPainter) -> None:
        """Paint bands below lines, and both above the scale."""
        if not self.lines:
            return
        area = self.area(self._high)
        self.draw_scale(painter, area, self._high)
        across, up = self._scales(area)
        labelled = day_ticks(*self._days, max(int(area.width() / _WIDE_TICK), 2))
        self.draw_days(painter, area, [(each, across.at(each.toordinal())) for each in labelled])
        places = [[self.mirrored_x(across.at(each.day.toordinal())) for each in line.points] for line in self.lines]
        for line, xs in zip(self.lines, places, strict=True):
            self._draw_band(painter, line, xs, up)
        for line, xs in zip(self.lines, places, strict=True):
            self._draw_line(painter, line, xs, up)

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the points of all lines, line by line."""
        if not self.lines:
            return ()
        across, up = self._scales(self.area(self._high))
        return [
            ChartMark(QRectF(across.at(each.day.toordinal()) - 3, up.at(each.value) - 3, 6, 6), line.read(each))
            for line in self.lines
            for each in line.points
        ]

    def _scales(self, area: QRectF) -> tuple[Scale, Scale]:
        first, last = self._days
        across = Scale(first.toordinal(), last.toordinal(), area.left(), area.right())
        return across, Scale(0.0, ticks(self._high)[-1], area.bottom(), area.top())

    def _draw_band(self, painter: QPainter, line: ChartLine, xs: Sequence[float], up: Scale) -> None:
        colour = QColor(line.colour)
        colour.setAlphaF(_STRONG_BAND if self.is_strong else _BAND)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        highs, lows = list[QPointF](), list[QPointF]()
        for x, each in (*zip(xs, line.points, strict=True), (0.0, None)):
            if each is not None and each.low is not None and each.high is not None:
                highs.append(QPointF(x, up.at(each.high)))
                lows.append(QPointF(x, up.at(each.low)))
            elif highs:
                if len(highs) == 1:  # a day between days without a band
                    side = QPointF(_ALONE, 0)
                    highs, lows = [highs[0] - side, highs[0] + side], [lows[0] - side, lows[0] + side]
                painter.drawPolygon(QPolygonF([*highs, *reversed(lows)]))
                highs, lows = [], []

    def _draw_line(self, painter: QPainter, line: ChartLine, xs: Sequence[float], up: Scale) -> None:
        points = [QPointF(x, up.at(each.value)) for x, each in zip(xs, line.points, strict=True)]
        painter.setPen(QPen(QColor(line.colour), 1 if len(points) > _CROWDED else 2))
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
