"""Frame over a drop target that says what will happen to the files dragged there."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

_INSET, _RADIUS, _LINE = 6, 8, 2
_PADDING = QMargins(16, 8, 16, 8)
_GROUND = 110
"""Opacity of the tint, from 0 to 255."""


class DropFrame(QWidget):
    """Frame that covers another widget and receives no events."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._said = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, said: str) -> None:
        """Show the frame with a sentence. An empty sentence hides the frame."""
        self._said = said
        self.setAccessibleName(said)
        self.setGeometry(self._over.rect())
        self.setVisible(bool(said))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a dashed border and the sentence in the middle."""
        del event
        role = QPalette.ColorRole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self.palette().color(role.Shadow))
        ground.setAlpha(_GROUND)
        accent = self.palette().color(role.Accent)
        painter.setPen(QPen(accent, _LINE, Qt.PenStyle.DashLine))
        painter.setBrush(ground)
        around = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        painter.drawRoundedRect(around, _RADIUS, _RADIUS)
        font = QFont(self.font())
        font.setBold(True)
        metrics = QFontMetrics(font)
        room = max(self.width() - 4 * _INSET - _PADDING.left() - _PADDING.right(), 0)
        text = metrics.elidedText(self._said, Qt.TextElideMode.ElideRight, room)
        sign = QRect(0, 0, metrics.horizontalAdvance(text), metrics.height()).marginsAdded(_PADDING)
        sign.moveCenter(self.rect().center())
        painter.setPen(QPen(accent, 1))
        painter.setBrush(self.palette().color(role.Button))
        painter.drawRoundedRect(QRectF(sign), _RADIUS, _RADIUS)
        painter.setFont(font)
        painter.setPen(self.palette().color(role.WindowText))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, text)

    def sizeHint(self) -> QSize:
        """Return an empty size, because the frame covers another widget."""
        return QSize(0, 0)
