"""The one shadow of the program: soft, below what lies over the window for a while, and gone with it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

_REACH, _DOWN, _RADIUS = 14, 4, 8
"""Pixels that it reaches around, that it lies lower, and its corners' radius where it begins."""

_DARKNESS = 4
"""Of 255, by which the nearest pixel is darker than the one before; farther away it is less."""

_CORNER = 24
"""Pixels of a corner: more than its radius and its reach, and whole ones at the usual scales of screens."""

_LATER_MS = 20
"""It comes a frame after what casts it: around a list that opens over eight panes it takes a third as long to draw."""

_MOVED = {
    QEvent.Type.Hide,
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.ParentChange,
    QEvent.Type.ZOrderChange,
}


class Shadow(QWidget):
    """Follows a widget wherever it goes within its window; made once for each."""

    def __init__(self, of: QWidget) -> None:
        super().__init__(of.parentWidget())
        self._of = of
        self._pattern: QPixmap | None = None
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._follow)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        of.installEventFilter(self)
        of.destroyed.connect(self.deleteLater)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go along."""
        if watched is self._of and event.type() == QEvent.Type.Show:
            self._soon.start()
        elif watched is self._of and event.type() in _MOVED:
            self._follow()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the corners as they are and the edges drawn out between them; what it belongs to hides the rest."""
        del event
        ratio = self.devicePixelRatioF()
        if self._pattern is None or self._pattern.devicePixelRatio() != ratio:
            self._pattern = _pattern(ratio)
        painter = QPainter(self)
        columns, rows = _thirds(self.width()), _thirds(self.height())
        for across, (x, width, from_x, from_width) in enumerate(columns):
            for down, (y, height, from_y, from_height) in enumerate(rows):
                if (across, down) != (1, 1):
                    source = QRectF(from_x * ratio, from_y * ratio, from_width * ratio, from_height * ratio)
                    painter.drawPixmap(QRectF(x, y, width, height), self._pattern, source)

    @Slot()
    def _follow(self) -> None:
        of = self._of
        if self.parentWidget() is not of.parentWidget():
            self.setParent(of.parentWidget())
        if of.isHidden() or of.isWindow():
            self.hide()
            return
        if not of.isVisible() or self._soon.isActive():
            return
        self.setGeometry(of.geometry().adjusted(-_REACH, _DOWN - _REACH, _REACH, _DOWN + _REACH))
        self.show()
        self.stackUnder(of)


def _thirds(length: int) -> tuple[tuple[int, int, int, int], ...]:
    """A corner, the edge, a corner along a side: where and how long each is, and the same in the pattern."""
    edge = max(length - 2 * _CORNER, 0)
    return (0, _CORNER, 0, _CORNER), (_CORNER, edge, _CORNER, 1), (_CORNER + edge, _CORNER, _CORNER + 1, _CORNER)


def _pattern(ratio: float) -> QPixmap:
    """The smallest shadow: rings, the nearest darkest."""
    whole = QRectF(0, 0, 2 * _CORNER + 1, 2 * _CORNER + 1)
    made = QPixmap((whole.size() * ratio).toSize())
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for ring in range(_REACH):
        painter.setBrush(QColor(0, 0, 0, 1 + (_DARKNESS - 1) * ring // _REACH))
        inset = float(ring)
        corner = _RADIUS + _REACH - inset
        painter.drawRoundedRect(whole.adjusted(inset, inset, -inset, -inset), corner, corner)
    painter.end()
    return made
