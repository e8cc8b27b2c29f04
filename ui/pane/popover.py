"""A small window at a control: closes by Esc or a press elsewhere, and gives the focus back."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

_BELOW = 4
_EDGE = 8


class Popover(QFrame):
    """Its column takes what is shown."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self.setWindowTitle(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)

    def open_at(self, control: QWidget, *, right: bool = False) -> None:
        """Show below a control, within its screen; `right` lines up their right edges."""
        self.adjustSize()
        corner = control.rect().bottomRight() if right else control.rect().bottomLeft()
        at = control.mapToGlobal(corner) + QPoint(-self.width() if right else 0, _BELOW)
        screen = control.screen().availableGeometry()
        at.setX(max(min(at.x(), screen.right() - self.width() - _EDGE), screen.left() + _EDGE))
        at.setY(max(min(at.y(), screen.bottom() - self.height() - _EDGE), screen.top() + _EDGE))
        self.move(at)
        self.show()
