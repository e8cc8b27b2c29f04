"""Plot of a successor's net preference: zones worse, not worse and better, with point and interval."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math
from typing import cast

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.strings import tr
from ui.base.theme import Theme, mixed

_ZONES, _TICKS, _NAMES = 74, 24, 20
"""Heights in pixels of the zones, of the numbers below them and of the zones' names."""
_SIDE = 20
_FROM_ZERO = 12
_LETTERS = 12
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


class PreferencePlot(QWidget):
    """Points to the right are for the successor. Screen readers receive a sentence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: PlottedPreference | None = None
        self._margin = 0.0
        self.setAccessibleName(tr("Preference, successor minus incumbent"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_preference(self, shown: PlottedPreference | None, margin: float) -> None:
        """Show a preference, or only the zones."""
        self._shown, self._margin = shown, margin
        self.setAccessibleDescription(shown.described if shown is not None else "")
        self.update()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size in which the zones' names fit."""
        return QSize(480, _ZONES + _TICKS + _NAMES)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest useful size."""
        return QSize(280, _ZONES + _TICKS + _NAMES)

    @property
    def _end(self) -> float:
        """Points at both ends of the scale."""
        shown = self._shown
        far = max(_LEAST_SHOWN, 1.5 * self._margin, *((-shown.low, shown.high) if shown is not None else ()))
        return min(math.ceil(far / _STEP) * _STEP, 100.0)

    def _x(self, points: float) -> float:
        room = self.width() - 2 * _SIDE
        x = _SIDE + (points + self._end) / (2 * self._end) * room
        return x if self.isLeftToRight() else self.width() - x

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint zones, scale, interval and point."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_zones(painter)
        if self._shown is not None:
            self._paint_interval(painter, self._shown)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_zones(self, painter: QPainter) -> None:
        theme, end = self._theme, self._end
        borders = (-end, -self._margin, 0.0, end)
        zones = ((tr("worse"), theme.bad), (tr("not worse"), theme.warn), (tr("better"), theme.good))
        painter.setFont(self._font())
        for (name, colour), low, high in zip(zones, borders, borders[1:], strict=False):
            left, right = sorted((self._x(low), self._x(high)))
            painter.fillRect(QRectF(left, 0, right - left, _ZONES), QColor(_tinted(theme, colour)))
            painter.setPen(QColor(colour))
            self._write(painter, (left + right) / 2, _ZONES + _TICKS, name)
        margin, zero = round(self._x(-self._margin)), round(self._x(0))
        painter.setPen(QPen(QColor(theme.warn), 1, Qt.PenStyle.DashLine))
        painter.drawLine(margin, 0, margin, _ZONES)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawLine(zero, 0, zero, _ZONES)
        self._paint_scale(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        end, theme = self._end, self._theme
        texts = {-end: f"−{end:g}", 0.0: "0", end: f"+{end:g}"}
        painter.setPen(QColor(theme.muted))
        for points, text in texts.items():
            self._write(painter, self._x(points), _ZONES, text)
        painter.setPen(QColor(theme.warn))
        text = tr("margin −{points}", points=f"{self._margin:g}")
        beside = painter.fontMetrics().horizontalAdvance(text) / 2 + _FROM_ZERO
        at, zero = self._x(-self._margin), self._x(0)
        at = min(at, zero - beside) if self.isLeftToRight() else max(at, zero + beside)
        self._write(painter, at, _ZONES, text)

    def _paint_interval(self, painter: QPainter, shown: PlottedPreference) -> None:
        theme, middle = self._theme, _ZONES / 2
        low, high, at = self._x(shown.low), self._x(shown.high), self._x(shown.points)
        painter.setPen(QPen(QColor(theme.accent), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for x in (low, high):
            painter.drawLine(QPointF(x, middle - _CAP), QPointF(x, middle + _CAP))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(at, middle), _DOT, _DOT)
        font = self._font(QFont.Weight.DemiBold)
        wide = QFontMetricsF(font).horizontalAdvance(shown.text)
        path = QPainterPath()
        path.addText(min(max(at - wide / 2, 4), self.width() - wide - 4), middle - _CAP - 6, font, shown.text)
        around = QColor(theme.raised)
        around.setAlphaF(0.85)
        painter.strokePath(path, QPen(around, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))  # lines end before it
        painter.fillPath(path, QColor(theme.text))

    def _write(self, painter: QPainter, x: float, top: float, text: str) -> None:
        """Write a text centered at a place, within the plot."""
        wide = painter.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(x - wide / 2, 0), self.width() - wide)
        painter.drawText(QRectF(left, top, wide, _NAMES), int(Qt.AlignmentFlag.AlignCenter), text)

    def _font(self, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(_LETTERS)
        font.setWeight(weight)
        return font


def _tinted(theme: Theme, colour: str) -> str:
    """Return a zone's background. A light theme's warning color is brightened first, or brown would become gray."""
    if theme.dark or colour != theme.warn:
        return mixed(theme.raised, colour, _DARK_TINT if theme.dark else _TINT)
    hue, saturation, _, _ = cast("tuple[float, float, float, float]", QColor(colour).getHsvF())
    return mixed(theme.raised, QColor.fromHsvF(max(hue, 0.0), saturation, 1.0).name(), _WARN_TINT)
