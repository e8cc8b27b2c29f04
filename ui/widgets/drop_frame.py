"""A frame over what files are dragged over, which says what becomes of them when they are let go."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

_INSET, _RADIUS, _LINE = 6, 8, 2
_PADDING = QMargins(16, 8, 16, 8)
_GROUND = 110
"""How much of the tint covers what lies below, of 255."""


class DropFrame(QWidget):
    """Lies over a whole widget while it is shown, and takes no event from it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._said = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, said: str) -> None:
        """Show it with what will happen; nothing takes it away."""
        self._said = said
        self.setAccessibleName(said)
        self.setGeometry(self._over.rect())
        self.setVisible(bool(said))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line of dashes around, and the words on a ground of their own in the middle."""
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
        said = metrics.elidedText(self._said, Qt.TextElideMode.ElideRight, room)
        sign = QRect(0, 0, metrics.horizontalAdvance(said), metrics.height()).marginsAdded(_PADDING)
        sign.moveCenter(self.rect().center())
        painter.setPen(QPen(accent, 1))
        painter.setBrush(self.palette().color(role.Button))
        painter.drawRoundedRect(QRectF(sign), _RADIUS, _RADIUS)
        painter.setFont(font)
        painter.setPen(self.palette().color(role.WindowText))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, said)

    def sizeHint(self) -> QSize:
        """It asks for no room."""
        return QSize(0, 0)
