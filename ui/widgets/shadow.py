"""Soft shadow around everything that opens over the window."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

_REACH, _DOWN, _RADIUS = 14, 4, 8
"""Extent of the shadow, its vertical offset, and the corner radius at which it begins, in pixels."""

_DARKNESS = 4
"""Difference in opacity, from 0 to 255, between neighboring pixels near the widget. It decreases with distance."""

_CORNER = 24
"""Size of a corner in pixels. Larger than radius and extent, and a whole number at common display scales."""

_LATER_MS = 20
"""Delay of one frame. Painting the shadow together with a list over eight panes would take three times as long."""

_MOVED = {
    QEvent.Type.Hide,
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.ParentChange,
    QEvent.Type.ZOrderChange,
}


class Shadow(QWidget):
    """Shadow that follows a widget inside its window. Each widget needs one of its own."""

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
        """Follow the position and the visibility of the widget."""
        if watched is self._of and event.type() == QEvent.Type.Show:
            self._soon.start()
        elif watched is self._of and event.type() in _MOVED:
            self._follow()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint corners and stretched edges. The widget covers the middle."""
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
    """Return the positions of a corner, an edge and another corner along one side, in the target and in the pattern."""
    edge = max(length - 2 * _CORNER, 0)
    return (0, _CORNER, 0, _CORNER), (_CORNER, edge, _CORNER, 1), (_CORNER + edge, _CORNER, _CORNER + 1, _CORNER)


def _pattern(ratio: float) -> QPixmap:
    """Return a shadow of the smallest possible size, made of rings that become lighter towards the outside."""
    whole = QRectF(0, 0, 2 * _CORNER + 1, 2 * _CORNER + 1)
    pixmap = QPixmap((whole.size() * ratio).toSize())
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for ring in range(_REACH):
        painter.setBrush(QColor(0, 0, 0, 1 + (_DARKNESS - 1) * ring // _REACH))
        inset = float(ring)
        corner = _RADIUS + _REACH - inset
        painter.drawRoundedRect(whole.adjusted(inset, inset, -inset, -inset), corner, corner)
    painter.end()
    return pixmap
