"""Scatter plot of quality against cost or latency, with one labeled point per contender."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.evals.cell_text import percent

_LEFT, _BOTTOM, _TOP, _RIGHT = 48, 34, 14, 16
_LETTERS, _DOT = 12, 5
_ROOM = 1.12
"""Extent of the axis relative to the farthest point."""


class PlottedContender(Struct, frozen=True):
    """Point of a contender: name, x value, score from 0 to 1, color and description."""

    name: str
    across: float
    score: float
    colour: str
    text: str


class ScatterPlot(QWidget):
    """Plot with the score on the y-axis, and cost or latency on the x-axis.

    Screen readers receive one sentence per point.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: tuple[PlottedContender, ...] = ()
        self._axis = ""
        self._ends: tuple[str, str] = ("", "")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def points(self) -> tuple[PlottedContender, ...]:
        """The plotted contenders."""
        return self._points

    def show_points(self, points: Sequence[PlottedContender], axis: str, farthest: str) -> None:
        """Replace the points. `axis` labels the x-axis, and `farthest` labels its end."""
        self._points, self._axis, self._ends = tuple(points), axis, ("0", farthest)
        self.setAccessibleName(tr("Score and {axis}", axis=axis))
        self.setAccessibleDescription(" ".join(tr("{name}: {value}.", name=p.name, value=p.text) for p in points))
        self.update()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which points can be told apart."""
        return QSize(480, 240)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest useful size."""
        return QSize(280, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the axes and the labeled points."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(_LETTERS)
        painter.setFont(font)
        area = QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)
        self._axes(painter, area)
        taken: list[QRectF] = []
        for point in sorted(self._points, key=lambda each: -each.score):
            self._point(painter, area, point, taken)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        middle = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for share in (0.0, 0.5, 1.0):
            y = round(area.bottom() - share * area.height())
            painter.setPen(QPen(QColor(self._theme.line), 1))
            painter.drawLine(round(area.left()), y, round(area.right()), y)
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(0, y - 9, _LEFT - 8, 18), middle, percent(share))
        below = QRectF(area.left(), area.bottom() + 6, area.width(), 18)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), self._ends[0])
        painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter), self._axis)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), self._ends[1])

    def _point(self, painter: QPainter, area: QRectF, point: PlottedContender, taken: list[QRectF]) -> None:
        farthest = max((each.across for each in self._points), default=0.0) * _ROOM or 1.0
        at = QPointF(area.left() + point.across / farthest * area.width(), area.bottom() - point.score * area.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(point.colour))
        painter.drawEllipse(at, _DOT, _DOT)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(point.name, Qt.TextElideMode.ElideMiddle, 200)
        wide = metrics.horizontalAdvance(name) + 2
        left = at.x() + _DOT + 4 if at.x() + _DOT + 4 + wide < self.width() else at.x() - _DOT - 4 - wide
        place = QRectF(left, at.y() - 9, wide, 18)
        while any(place.intersects(other) for other in taken) and place.bottom() < area.bottom():
            place.translate(0, 14)  # names of points that lie together stand below each other
        taken.append(place)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
