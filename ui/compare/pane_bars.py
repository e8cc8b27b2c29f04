"""Bar charts with one row per pane, showing sizes or the phases of a response."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.charts.chart import Chart
from ui.widgets.tips import plain_tip

_CAPTION, _ROW, _BELOW = 22, 22, 10
_SQUARE, _BAR, _RADIUS = 8, 10, 2
_NAME, _VALUE, _GAP = 112, 78, 8


class Bar(Struct, frozen=True):
    """Row of a chart: the parts of a pane's bar and the text beside it."""

    name: str
    colour: str
    parts: tuple[float, ...]
    text: str


class PaneBars(Chart):
    """Bar chart with a caption and a common scale. Screen readers receive one sentence per row."""

    def __init__(self, caption: str, theme: Theme, parts: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(caption, theme, parent, tall=_CAPTION + _BELOW)
        self._caption = caption
        self._parts = tuple(parts)
        self._note = ""
        self._bars: tuple[Bar, ...] = ()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a size that fits into a narrow panel."""
        return QSize(240, super().minimumSizeHint().height())

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The rows of the chart, one per pane."""
        return self._bars

    @property
    def note(self) -> str:
        """The text beside the caption."""
        return self._note

    def show_bars(self, bars: Sequence[Bar], note: str = "") -> None:
        """Replace the rows and repaint if they changed."""
        if (tuple(bars), note) == (self._bars, self._note):
            return
        self._bars, self._note = tuple(bars), note
        said = [tr("{name}: {value}.", name=bar.name, value=bar.text or tr("unknown")) for bar in self._bars]
        self.setAccessibleDescription(" ".join([*said, f"{note}." if note else ""]).strip())
        self.setToolTip(plain_tip("\n".join([*(line.rstrip(".") for line in said), *([note] if note else [])])))
        legend = _ROW if self._parts else 0
        self.renew(_CAPTION + _ROW * len(self._bars) + legend + _BELOW)

    def draw(self, painter: QPainter) -> None:
        """Paint caption, rows and legend."""
        self._paint_caption(painter)
        most = max((sum(bar.parts) for bar in self._bars), default=0.0)
        for number, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, _CAPTION + number * _ROW, most)
        if self._parts:
            self._paint_legend(painter, _CAPTION + len(self._bars) * _ROW)

    def _paint_caption(self, painter: QPainter) -> None:
        row = QRectF(4, 0, self.width() - 8, _CAPTION)
        self.write(painter, row, self._caption, self.theme.muted, strong=True)
        if self._note:
            room = painter.fontMetrics().horizontalAdvance(self._caption) + 16
            self.write(painter, row.adjusted(room, 0, 0, 0), self._note, self.theme.good, side="end")

    def _paint_bar(self, painter: QPainter, bar: Bar, top: float, most: float) -> None:
        theme, whole = self.theme, self.width() - 8
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(bar.colour))
        square = QRectF(4, top + (_ROW - _SQUARE) / 2, _SQUARE, _SQUARE)
        painter.drawRoundedRect(self.mirrored(square), 2, 2)
        self.write(painter, QRectF(18, top, _NAME - 18, _ROW), bar.name, theme.text)
        value = QRectF(4 + whole - _VALUE, top, _VALUE, _ROW)
        self.write(painter, value, bar.text or "–", theme.text if bar.text else theme.muted, strong=True, side="end")
        track = QRectF(_NAME + _GAP, top + (_ROW - _BAR) / 2, whole - _NAME - _VALUE - _GAP, _BAR)
        if not self._parts:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.bubble))
            painter.drawRoundedRect(self.mirrored(track), _RADIUS, _RADIUS)
        at = track.left()
        for number, part in enumerate(bar.parts):
            width = part / most * track.width() if most else 0.0
            if width > 0:
                self._fill(painter, QRectF(at, track.top(), max(width, 1.5), track.height()), bar.colour, number)
            at += width

    def _paint_legend(self, painter: QPainter, top: float) -> None:
        at = 18.0
        for number, name in enumerate(self._parts):
            square = QRectF(at, top + (_ROW - _BAR) / 2, _BAR, _BAR)
            self._fill(painter, square, self.theme.muted, number)
            width = painter.fontMetrics().horizontalAdvance(name) + 4
            self.write(painter, QRectF(at + 13, top, width, _ROW), name, self.theme.muted)
            at += 13 + width + 10

    def _fill(self, painter: QPainter, rect: QRectF, colour: str, part: int) -> None:
        """Fill a part of a bar so that it can be told apart without color.

        The last part is solid, the one before it hatched, and earlier ones are hollow.
        """
        earlier = len(self._parts) - 1 - part
        ink = QColor(colour)
        if earlier > 0:
            painter.setPen(QPen(ink, 1))
            painter.setBrush(QBrush(ink, Qt.BrushStyle.BDiagPattern if earlier == 1 else Qt.BrushStyle.NoBrush))
            painter.drawRect(self.mirrored(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawRoundedRect(self.mirrored(rect), _RADIUS, _RADIUS)
