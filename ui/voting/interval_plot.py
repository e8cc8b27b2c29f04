"""Plot of a ranking: one row per model, with its score and interval."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.strings import tr
from ui.base.theme import Theme

_ROW, _AXIS, _PAD = 30, 24, 4
_NAME, _VALUE, _GAP = 180, 190, 12
_NAME_SHARE, _VALUE_SHARE = 0.28, 0.34
"""Maximum shares of the width for the names and for the texts at the end of rows."""
_LETTERS = 12
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


class IntervalPlot(QWidget):
    """Plot of intervals on a common scale, which `ends` limits if given.

    Screen readers receive one sentence per row.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, ends: tuple[float, float] | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scale = ends
        self._rows: tuple[IntervalRow, ...] = ()
        self._fonts = (self.font(), self.font())
        self.setAccessibleName(tr("Scores with 95% confidence intervals"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> tuple[IntervalRow, ...]:
        """The rows, best first."""
        return self._rows

    def show_rows(self, rows: Sequence[IntervalRow]) -> None:
        """Replace the rows, best first."""
        self._rows = tuple(rows)
        said = (tr("{name}: {value}.", name=row.name, value=row.text) for row in self._rows)
        self.setAccessibleDescription(" ".join(said))
        self.updateGeometry()
        self.update()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that fits all rows and the scale."""
        return QSize(480, _ROW * len(self._rows) + (_AXIS if self._rows else 0) + 2 * _PAD)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the intervals are visible."""
        return QSize(280, self.sizeHint().height())

    @property
    def _sides(self) -> tuple[int, int]:
        """Widths in pixels of the names and of the texts at the end of rows."""
        return min(_NAME, int(self.width() * _NAME_SHARE)), min(_VALUE, int(self.width() * _VALUE_SHARE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows and the scale."""
        del event
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ends = self._ends()
        self._fonts = tuple(_font(self.font(), weight) for weight in (QFont.Weight.Normal, QFont.Weight.DemiBold))
        for number, row in enumerate(self._rows):
            self._paint_row(painter, row, _PAD + number * _ROW, ends)
        self._paint_axis(painter, _PAD + len(self._rows) * _ROW, ends)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _ends(self) -> tuple[float, float]:
        low, high = min(row.low for row in self._rows), max(row.high for row in self._rows)
        if self._scale is not None:
            return self._scale
        lacks = max(_LEAST - (high - low), 0.0) / 2
        return low - lacks, high + lacks

    def _x(self, score: float, ends: tuple[float, float]) -> float:
        names, values = self._sides
        left, right = names + _GAP, self.width() - values - _GAP
        x = left + (score - ends[0]) / (ends[1] - ends[0]) * (right - left)
        return x if self.isLeftToRight() else self.width() - x

    def _paint_row(self, painter: QPainter, row: IntervalRow, top: float, ends: tuple[float, float]) -> None:
        middle = top + _ROW / 2
        names, values = self._sides
        self._write(painter, QRectF(_PAD, top, names - _PAD, _ROW), row.name, self._theme.text, strong=True)
        end = QRectF(self.width() - values, top, values - _PAD, _ROW)
        self._write(painter, end, row.text, self._theme.muted, at_end=True)
        colour = QColor(row.colour)
        painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        low, high = self._x(row.low, ends), self._x(row.high, ends)
        painter.drawLine(round(low), round(middle), round(high), round(middle))
        for end in (low, high):
            painter.drawLine(round(end), round(middle - 5), round(end), round(middle + 5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(self._x(row.score, ends) - 4.5, middle - 4.5, 9, 9))

    def _paint_axis(self, painter: QPainter, top: float, ends: tuple[float, float]) -> None:
        painter.setPen(QPen(QColor(self._theme.line), 1))
        left, right = sorted((self._x(ends[0], ends), self._x(ends[1], ends)))
        painter.drawLine(round(left), round(top), round(right), round(top))
        for score in (ends[0], (ends[0] + ends[1]) / 2, ends[1]):
            self._write(
                painter,
                QRectF(self._x(score, ends) - 40, top + 2, 80, _AXIS - 2),
                f"{score:.0f}",
                self._theme.muted,
                centred=True,
            )

    def _write(
        self,
        painter: QPainter,
        place: QRectF,
        text: str,
        colour: str,
        *,
        strong: bool = False,
        at_end: bool = False,
        centred: bool = False,
    ) -> None:
        painter.setFont(self._fonts[strong])
        painter.setPen(QColor(colour))
        right = self.isLeftToRight() == at_end
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        side = Qt.AlignmentFlag.AlignHCenter if centred else side | Qt.AlignmentFlag.AlignAbsolute
        if not self.isLeftToRight() and not centred:
            place = QRectF(self.width() - place.right(), place.top(), place.width(), place.height())
        said = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(place.width()))
        painter.drawText(place, int(side | Qt.AlignmentFlag.AlignVCenter), said)


def _font(of: QFont, weight: QFont.Weight) -> QFont:
    font = QFont(of)
    font.setPixelSize(_LETTERS)
    font.setWeight(weight)
    return font
