"""Badges of a response's best figures, followed by a small curve of its speed."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.theme import Theme

_GAP, _PADDING, _TALL = 6, 6, 17
_CURVE, _SHORTEST, _DEEP = 56, 24, 11
_LETTERS = 11


class Badge(Struct, frozen=True):
    """Framed word, filled if the user chose this response."""

    text: str
    chosen: bool = False


class Badges(QWidget):
    """Row of badges, as many as fit, followed by the curve in the remaining space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._badges: tuple[Badge, ...] = ()
        self._curve: tuple[float, ...] = ()
        self._theme: Theme | None = None
        self._colour = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def badges(self) -> tuple[Badge, ...]:
        """The current badges, in the order in which they are shown."""
        return self._badges

    @property
    def curve(self) -> tuple[float, ...]:
        """Tokens per second over time."""
        return self._curve

    def show_badges(self, badges: Sequence[Badge]) -> None:
        """Replace the badges and update the layout."""
        if tuple(badges) != self._badges:
            self._badges = tuple(badges)
            self.updateGeometry()
            self.update()

    def show_curve(self, curve: Sequence[float]) -> None:
        """Replace the curve, which is hidden if it has fewer than two points."""
        if tuple(curve) != self._curve:
            self._curve = tuple(curve)
            self.update()

    def themed(self, theme: Theme, colour: str) -> None:
        """Apply the colors of a theme, and the model's color to the curve."""
        self._theme, self._colour = theme, QColor(colour)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of all badges and the curve."""
        return QSize(self._wide(self._badges) + (_CURVE if len(self._curve) > 1 else 0), _TALL)

    @property
    def least(self) -> int:
        """Width of the first badge in pixels."""
        return self._wide(self._badges[:1])

    def _wide(self, badges: Sequence[Badge]) -> int:
        metrics = QFontMetrics(self._font())
        return sum(metrics.horizontalAdvance(each.text) + 2 * _PADDING + _GAP for each in badges)

    def minimumSizeHint(self) -> QSize:
        """Return no width, because the line's accessible description lists all badges even if none fits."""
        return QSize(0, _TALL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badges and the curve in the layout direction."""
        del event
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        at = 0.0
        for badge in self._badges:
            width = painter.fontMetrics().horizontalAdvance(badge.text) + 2 * _PADDING
            if at + width > self.width():
                return
            self._paint_badge(painter, badge, self._placed(at, width, _TALL), self._theme)
            at += width + _GAP
        width = min(self.width() - at, _CURVE)
        if len(self._curve) > 1 and width >= _SHORTEST:
            self._paint_curve(painter, self._placed(at, width, _DEEP))

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(_LETTERS)
        return font

    def _placed(self, at: float, width: float, height: float) -> QRectF:
        left = at if self.isLeftToRight() else self.width() - at - width
        return QRectF(left, (self.height() - height) / 2, width, height)

    def _paint_badge(self, painter: QPainter, badge: Badge, rect: QRectF, theme: Theme) -> None:
        colour = QColor(theme.accent if badge.chosen else theme.good)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(colour if badge.chosen else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(theme.on_accent) if badge.chosen else colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, badge.text)

    def _paint_curve(self, painter: QPainter, rect: QRectF) -> None:
        most = max(self._curve) or 1.0
        step = rect.width() / (len(self._curve) - 1)
        points = [
            QPointF(rect.left() + number * step, rect.bottom() - value / most * rect.height())
            for number, value in enumerate(self._curve)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(QPolygonF(points))
