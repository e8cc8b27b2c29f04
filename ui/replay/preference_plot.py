"""Plot of a successor's net preference: zones worse, not worse and better, with point and interval."""

from __future__ import annotations

import math
from typing import cast

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from ui.base.strings import tr
from ui.base.theme import Theme, mixed
from ui.charts.chart import Chart

_ZONES, _TICKS, _NAMES = 74, 24, 20
"""Heights in pixels of the zones, of the numbers below them and of the zones' names."""
_SIDE = 20
_FROM_ZERO = 12
_TINT, _DARK_TINT, _WARN_TINT = 0.09, 0.16, 0.12
_LEAST_SHOWN = 35.0
_STEP = 5.0
_CAP, _DOT = 7.0, 5.5


class PlottedPreference(Struct, frozen=True):
    """Net preference in points from -100 to 100, with its interval and the margin, and texts to show."""

    points: float
    low: float
    high: float
    margin: float
    text: str
    described: str


def points_of(theta: float) -> float:
    """Return a mean outcome from 0 to 1 as net preference in points."""
    return 200 * (theta - 0.5)


class PreferencePlot(Chart):
    """Points to the right are for the successor. Screen readers receive a sentence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        tall = _ZONES + _TICKS + _NAMES
        super().__init__(tr("Preference, successor minus incumbent"), theme, parent, tall=tall)
        self._shown: PlottedPreference | None = None
        self._margin = 0.0

    def show_preference(self, shown: PlottedPreference | None, margin: float) -> None:
        """Show a preference, or only the zones."""
        self._shown, self._margin = shown, margin
        self.setAccessibleDescription(shown.described if shown is not None else "")
        self.renew()

    @property
    def _end(self) -> float:
        """Points at both ends of the scale."""
        shown = self._shown
        far = max(_LEAST_SHOWN, 1.5 * self._margin, *((-shown.low, shown.high) if shown is not None else ()))
        return min(math.ceil(far / _STEP) * _STEP, 100.0)

    def _x(self, points: float) -> float:
        room = self.width() - 2 * _SIDE
        return _SIDE + (points + self._end) / (2 * self._end) * room

    def draw(self, painter: QPainter) -> None:
        """Paint zones, scale, interval and point."""
        self._paint_zones(painter)
        if self._shown is not None:
            self._paint_interval(painter, self._shown)

    def _paint_zones(self, painter: QPainter) -> None:
        theme, end = self.theme, self._end
        borders = (-end, -self._margin, 0.0, end)
        zones = ((tr("worse"), theme.bad), (tr("not worse"), theme.warn), (tr("better"), theme.good))
        for (name, colour), low, high in zip(zones, borders, borders[1:], strict=False):
            zone = QRectF(self._x(low), 0, self._x(high) - self._x(low), _ZONES)
            painter.fillRect(self.mirrored(zone), QColor(_tinted(theme, colour)))
            self.write_centered(painter, zone.center().x(), _ZONES + _TICKS, name, colour)
        margin, zero = (round(self.mirrored_x(self._x(each))) for each in (-self._margin, 0))
        painter.setPen(QPen(QColor(theme.warn), 1, Qt.PenStyle.DashLine))
        painter.drawLine(margin, 0, margin, _ZONES)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawLine(zero, 0, zero, _ZONES)
        self._paint_scale(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        end, theme = self._end, self.theme
        texts = {-end: f"−{end:g}", 0.0: "0", end: f"+{end:g}"}
        for points, text in texts.items():
            self.write_centered(painter, self._x(points), _ZONES, text, theme.muted)
        text = tr("margin −{points}", points=f"{self._margin:g}")
        beside = self._x(0) - self.width_of(text) / 2 - _FROM_ZERO
        self.write_centered(painter, min(self._x(-self._margin), beside), _ZONES, text, theme.warn)

    def _paint_interval(self, painter: QPainter, shown: PlottedPreference) -> None:
        theme, middle = self.theme, _ZONES / 2
        low, high, at = (self.mirrored_x(self._x(each)) for each in (shown.low, shown.high, shown.points))
        painter.setPen(QPen(QColor(theme.accent), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for x in (low, high):
            painter.drawLine(QPointF(x, middle - _CAP), QPointF(x, middle + _CAP))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(at, middle), _DOT, _DOT)
        font, wide = self.font_of(strong=True), self.width_of(shown.text, strong=True)
        path = QPainterPath()
        path.addText(min(max(at - wide / 2, 4), self.width() - wide - 4), middle - _CAP - 6, font, shown.text)
        around = QColor(theme.raised)
        around.setAlphaF(0.85)
        painter.strokePath(path, QPen(around, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))  # lines end before it
        painter.fillPath(path, QColor(theme.text))


def _tinted(theme: Theme, colour: str) -> str:
    """Return a zone's background. A light theme's warning color is brightened first, or brown would become gray."""
    if theme.dark or colour != theme.warn:
        return mixed(theme.raised, colour, _DARK_TINT if theme.dark else _TINT)
    hue, saturation, _, _ = cast("tuple[float, float, float, float]", QColor(colour).getHsvF())
    return mixed(theme.raised, QColor.fromHsvF(max(hue, 0.0), saturation, 1.0).name(), _WARN_TINT)
