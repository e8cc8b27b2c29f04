"""Scatter plot of quality against cost or latency, with one labeled point per contender."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.charts.chart import Chart, ChartMark
from ui.evals.cell_text import percent

_LEFT, _BOTTOM, _TOP, _RIGHT = 48, 34, 14, 16
_DOT = 5
_ROOM = 1.12
"""Extent of the axis relative to the farthest point."""


class PlottedContender(Struct, frozen=True):
    """Point of a contender: name, x value, score from 0 to 1, color and description."""

    name: str
    across: float
    score: float
    colour: str
    text: str


class ScatterPlot(Chart):
    """Plot with the score on the y-axis, and cost or latency on the x-axis.

    Screen readers receive one sentence per point.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", theme, parent)
        self._points: tuple[PlottedContender, ...] = ()
        self._axis = ""
        self._ends: tuple[str, str] = ("", "")

    @property
    def points(self) -> tuple[PlottedContender, ...]:
        """The plotted contenders."""
        return self._points

    def show_points(self, points: Sequence[PlottedContender], axis: str, farthest: str) -> None:
        """Replace the points. `axis` labels the x-axis, and `farthest` labels its end."""
        self._points, self._axis, self._ends = tuple(points), axis, ("0", farthest)
        self.setAccessibleName(tr("Score and {axis}", axis=axis))
        self.setAccessibleDescription(" ".join(tr("{name}: {value}.", name=p.name, value=p.text) for p in points))
        self.renew()

    def draw(self, painter: QPainter) -> None:
        """Paint the axes and the labeled points."""
        self._axes(painter, self._area)
        taken: list[QRectF] = []
        for point in sorted(self._points, key=lambda each: -each.score):
            self._point(painter, point, taken)

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the points."""
        places = ((point, self._at(point)) for point in self._points)
        return [
            ChartMark(
                QRectF(at.x() - _DOT, at.y() - _DOT, 2 * _DOT, 2 * _DOT),
                tr("{name}: {value}.", name=point.name, value=point.text),
            )
            for point, at in places
        ]

    @property
    def _area(self) -> QRectF:
        return QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)

    def _at(self, point: PlottedContender) -> QPointF:
        area = self._area
        farthest = max((each.across for each in self._points), default=0.0) * _ROOM or 1.0
        return QPointF(
            area.left() + point.across / farthest * area.width(), area.bottom() - point.score * area.height()
        )

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        for share in (0.0, 0.5, 1.0):
            y = round(area.bottom() - share * area.height())
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.drawLine(*(QPointF(self.mirrored_x(x), y) for x in (area.left(), area.right())))
            self.write(painter, QRectF(0, y - 9, _LEFT - 8, 18), percent(share), self.theme.muted, side="end")
        below = QRectF(area.left(), area.bottom() + 6, area.width(), 18)
        self.write(painter, below, self._ends[0], self.theme.muted)
        self.write(painter, below, self._axis, self.theme.muted, side="center")
        self.write(painter, below, self._ends[1], self.theme.muted, side="end")

    def _point(self, painter: QPainter, point: PlottedContender, taken: list[QRectF]) -> None:
        area, at = self._area, self._at(point)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(point.colour))
        painter.drawEllipse(QPointF(self.mirrored_x(at.x()), at.y()), _DOT, _DOT)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(point.name, Qt.TextElideMode.ElideMiddle, 200)
        wide = metrics.horizontalAdvance(name) + 2
        left = at.x() + _DOT + 4 if at.x() + _DOT + 4 + wide < self.width() else at.x() - _DOT - 4 - wide
        place = QRectF(left, at.y() - 9, wide, 18)
        while any(place.intersects(other) for other in taken) and place.bottom() < area.bottom():
            place.translate(0, 14)  # names of points that lie together stand below each other
        taken.append(place)
        self.write(painter, place, name, self.theme.text)
