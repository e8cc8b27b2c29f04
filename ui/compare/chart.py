"""Bar charts with one row per pane, showing sizes or the phases of a response."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.widgets.tips import plain_tip

_CAPTION, _ROW, _BELOW = 22, 22, 10
_SQUARE, _BAR, _RADIUS = 8, 10, 2
_NAME, _VALUE, _GAP = 112, 78, 8
_PAINTED, _STRONG = 12, 600


class Bar(Struct, frozen=True):
    """Row of a chart: the parts of a pane's bar and the text beside it."""

    name: str
    colour: str
    parts: tuple[float, ...]
    text: str


class Chart(QWidget):
    """Bar chart with a caption and a common scale. Screen readers receive one sentence per row."""

    def __init__(self, caption: str, theme: Theme, parts: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._theme = theme
        self._parts = tuple(parts)
        self._note = ""
        self._bars: tuple[Bar, ...] = ()
        self.setAccessibleName(caption)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

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
        grew = len(bars) != len(self._bars)
        self._bars, self._note = tuple(bars), note
        said = [tr("{name}: {value}.", name=bar.name, value=bar.text or tr("unknown")) for bar in self._bars]
        self.setAccessibleDescription(" ".join([*said, f"{note}." if note else ""]).strip())
        self.setToolTip(plain_tip("\n".join([*(line.rstrip(".") for line in said), *([note] if note else [])])))
        if grew:
            self.updateGeometry()
        self.update()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that fits the caption, the rows and the legend."""
        legend = _ROW if self._parts else 0
        return QSize(280, _CAPTION + _ROW * len(self._bars) + legend + _BELOW)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the bars are visible."""
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint caption, rows and legend."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_caption(painter)
        most = max((sum(bar.parts) for bar in self._bars), default=0.0)
        for number, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, _CAPTION + number * _ROW, most)
        if self._parts:
            self._paint_legend(painter, _CAPTION + len(self._bars) * _ROW)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - _BELOW / 2), 4, 4)

    def _paint_caption(self, painter: QPainter) -> None:
        row = QRectF(4, 0, self.width() - 8, _CAPTION)
        self._write(painter, row, self._caption, self._theme.muted, strong=True)
        if self._note:
            room = painter.fontMetrics().horizontalAdvance(self._caption) + 16
            self._write(painter, row.adjusted(room, 0, 0, 0), self._note, self._theme.good, at_end=True)

    def _paint_bar(self, painter: QPainter, bar: Bar, top: float, most: float) -> None:
        theme, whole = self._theme, self.width() - 8
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(bar.colour))
        square = QRectF(4, top + (_ROW - _SQUARE) / 2, _SQUARE, _SQUARE)
        painter.drawRoundedRect(self._turned(square), 2, 2)
        self._write(painter, QRectF(18, top, _NAME - 18, _ROW), bar.name, theme.text)
        value = QRectF(4 + whole - _VALUE, top, _VALUE, _ROW)
        self._write(painter, value, bar.text or "–", theme.text if bar.text else theme.muted, strong=True, at_end=True)
        track = QRectF(_NAME + _GAP, top + (_ROW - _BAR) / 2, whole - _NAME - _VALUE - _GAP, _BAR)
        if not self._parts:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.bubble))
            painter.drawRoundedRect(self._turned(track), _RADIUS, _RADIUS)
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
            self._fill(painter, square, self._theme.muted, number)
            width = painter.fontMetrics().horizontalAdvance(name) + 4
            self._write(painter, QRectF(at + 13, top, width, _ROW), name, self._theme.muted)
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
            painter.drawRect(self._turned(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawRoundedRect(self._turned(rect), _RADIUS, _RADIUS)

    def _write(
        self, painter: QPainter, rect: QRectF, text: str, colour: str, *, strong: bool = False, at_end: bool = False
    ) -> None:
        font = QFont(self.font())
        font.setPixelSize(_PAINTED)
        font.setWeight(QFont.Weight(_STRONG) if strong else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        painter.setFont(font)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) + 1)
        right = at_end is self.isLeftToRight()
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._turned(rect), flags, shown)

    def _turned(self, rect: QRectF) -> QRectF:
        """Mirror a rectangle for right-to-left layouts."""
        if self.isLeftToRight():
            return rect
        return QRectF(self.width() - rect.right(), rect.top(), rect.width(), rect.height())
