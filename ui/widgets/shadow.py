"""The one shadow of the program: soft, below what lies over the window for a while, and gone with it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

_REACH, _DOWN, _RADIUS = 14, 4, 8
"""Pixels that it reaches around, that it lies lower, and its corners' radius where it begins."""

_DARKNESS = 4
"""Of 255, by which the nearest pixel is darker than the one before; farther away it is less."""

_MOVED = {
    QEvent.Type.Show,
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
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        of.installEventFilter(self)
        of.destroyed.connect(self.deleteLater)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go along."""
        if event.type() in _MOVED and watched is self._of:
            self._follow()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw rings, the nearest darkest."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        for ring in range(_REACH):
            painter.setBrush(QColor(0, 0, 0, 1 + (_DARKNESS - 1) * ring // _REACH))
            inset = float(ring)
            corner = _RADIUS + _REACH - inset
            painter.drawRoundedRect(whole.adjusted(inset, inset, -inset, -inset), corner, corner)

    def _follow(self) -> None:
        of = self._of
        if self.parentWidget() is not of.parentWidget():
            self.setParent(of.parentWidget())
        if of.isHidden() or of.isWindow():
            self.hide()
            return
        self.setGeometry(of.geometry().adjusted(-_REACH, _DOWN - _REACH, _REACH, _DOWN + _REACH))
        self.show()
        self.stackUnder(of)
