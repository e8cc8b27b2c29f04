"""Base of all charts: text, mirroring, the focus frame, and the readout of values by mouse and keyboard."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.base.theme import Theme, mixed
from ui.widgets.announcement import announce

LETTERS = 12
"""Size of texts in pixels."""

Side = Literal["start", "center", "end"]

_NEAR = 24.0
"""Distance in pixels from the mouse within which a value is read out."""
_RADIUS, _PAD = 4, 8
_GRID = 0.35
_STEPS = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
}


class ChartMark(NamedTuple):
    """Place of a value in a chart, and the text that reads it out. The arrow keys go to those that are stops."""

    place: QRectF
    text: str
    is_stop: bool = True


class Chart(QWidget):
    """Widget that a subclass paints in `draw`. Places are those of a left-to-right layout and are mirrored here.

    Values in `find_marks` are read out when the mouse is on them or the arrow keys reach them.
    """

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None, *, tall: int = 240) -> None:
        super().__init__(parent)
        self.theme = theme
        self._tall = tall
        self._marks: Sequence[ChartMark] | None = None
        self._read: ChartMark | None = None
        self._fonts = (self.font(), self.font())
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def draw(self, painter: QPainter) -> None:
        """Paint the chart."""
        raise NotImplementedError

    def find_marks(self) -> Sequence[ChartMark]:
        """Return the values that can be read out."""
        return ()

    @property
    def readout(self) -> str:
        """The value that is read out now; empty if none is."""
        return "" if self._read is None else self._read.text

    @property
    def is_strong(self) -> bool:
        """Whether the theme is the one with high contrast, whose surfaces are all alike."""
        return self.theme.canvas == self.theme.surface

    @property
    def grid(self) -> str:
        """Color of the lines of a scale, which stay behind the values."""
        theme = self.theme
        return mixed(theme.raised, theme.line, _GRID) if self.is_strong else theme.line

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.theme = theme
        self.update()

    def renew(self, tall: int | None = None) -> None:
        """Repaint after the values have changed, with a new height if one is given."""
        self._marks, self._read = None, None
        if tall is not None and tall != self._tall:
            self._tall = tall
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable width and the height of the content."""
        return QSize(480, self._tall)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which values can be told apart."""
        return QSize(280, self._tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chart, the readout and the focus frame."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._fonts = (self.font_of(), self.font_of(strong=True))
        painter.setFont(self._fonts[0])
        self.draw(painter)
        if self._read is not None:
            self._draw_readout(painter, self._read)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Forget the places of values."""
        super().resizeEvent(event)
        self._marks, self._read = None, None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the value nearest to the mouse."""
        at = QPointF(self.mirrored_x(event.position().x()), event.position().y())
        near = [(_distance(at, mark.place), number) for number, mark in enumerate(self._found())]
        distance, number = min(near, default=(_NEAR, 0))
        self._show(self._found()[number] if distance < _NEAR else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the readout when the mouse leaves."""
        super().leaveEvent(event)
        self._show(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the readout with the focus."""
        super().focusOutEvent(event)
        self._show(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read out the next or previous value, and tell screen readers."""
        step = _STEPS.get(Qt.Key(event.key()))
        stops = [mark for mark in self._found() if mark.is_stop]
        if step is None or not stops:
            super().keyPressEvent(event)
            return
        if not self.isLeftToRight() and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = -step
        before = next((at for at, mark in enumerate(stops) if mark == self._read), None)
        at = (0 if step > 0 else len(stops) - 1) if before is None else before + step
        self._show(stops[min(max(at, 0), len(stops) - 1)])
        announce(self, self.readout)

    def write(
        self, painter: QPainter, place: QRectF, text: str, colour: str, *, strong: bool = False, side: Side = "start"
    ) -> None:
        """Write a text on one line, shortened if it is too wide."""
        painter.setFont(self._fonts[strong])
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.setPen(QColor(colour))
        right = self.isLeftToRight() == (side == "end")
        flag = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        flag = Qt.AlignmentFlag.AlignHCenter if side == "center" else flag | Qt.AlignmentFlag.AlignAbsolute
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(place.width()) + 1)
        painter.drawText(self.mirrored(place), flag | Qt.AlignmentFlag.AlignVCenter, shown)

    def write_centered(self, painter: QPainter, x: float, top: float, text: str, colour: str) -> None:
        """Write a text centered at a place, as far as the chart's edges allow."""
        width = self.width_of(text) + 2
        left = min(max(x - width / 2, 0.0), max(self.width() - width, 0.0))
        self.write(painter, QRectF(left, top, width, LETTERS + 8), text, colour, side="center")

    def width_of(self, text: str, *, strong: bool = False) -> float:
        """Return the width of a text."""
        return QFontMetricsF(self.font_of(strong=strong)).horizontalAdvance(text)

    def font_of(self, *, strong: bool = False) -> QFont:
        """Return the font of texts."""
        font = QFont(self.font())
        font.setPixelSize(LETTERS)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def mirrored(self, rect: QRectF) -> QRectF:
        """Mirror a rectangle for right-to-left layouts."""
        return (
            rect if self.isLeftToRight() else QRectF(self.width() - rect.right(), rect.y(), rect.width(), rect.height())
        )

    def mirrored_x(self, x: float) -> float:
        """Mirror a horizontal place for right-to-left layouts."""
        return x if self.isLeftToRight() else self.width() - x

    def _found(self) -> Sequence[ChartMark]:
        if self._marks is None:
            self._marks = self.find_marks()
        return self._marks

    def _show(self, mark: ChartMark | None) -> None:
        if mark != self._read:
            self._read = mark
            self.update()

    def _draw_readout(self, painter: QPainter, mark: ChartMark) -> None:
        """Paint a frame around the value, and its text in a box above or below."""
        theme, place = self.theme, self.mirrored(mark.place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.text), 1.5))
        painter.drawRoundedRect(place.adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3)
        tall = LETTERS + 12
        wide = min(self.width_of(mark.text) + 2 * _PAD, self.width() - 2.0)
        left = min(max(place.center().x() - wide / 2, 1.0), self.width() - wide - 1)
        above = place.top() - tall - 6
        box = QRectF(left, above if above >= 1 else min(place.bottom() + 6, self.height() - tall - 1.0), wide, tall)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        self.write(painter, self.mirrored(box.adjusted(_PAD - 1, 0, 1 - _PAD, 0)), mark.text, theme.text, side="center")


def _distance(at: QPointF, place: QRectF) -> float:
    """Return the distance of a point from a rectangle, plus a little for the distance from its center."""
    across = max(place.left() - at.x(), at.x() - place.right(), 0.0)
    down = max(place.top() - at.y(), at.y() - place.bottom(), 0.0)
    center = place.center()
    return across + down + 0.001 * (abs(center.x() - at.x()) + abs(center.y() - at.y()))
