"""A file that goes with what is typed: its picture or icon, its name and size, and a button that takes it off."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from desktop.message_parts import FilePart, ImagePart
from ui.attachments.attached_looks import AttachedLook
from ui.attachments.attachment_text import facts_text, icon_name
from ui.icons import icon
from ui.strings import tr
from ui.theme import Theme
from ui.widgets.labels import label, set_role
from ui.widgets.tips import plain_tip, put_tip

_ALL = 1_000
_SIDE, _NAME = 36, 150
"""Pixels of the picture's sides, and of the name."""


class AttachmentTile(QFrame):
    """Takes the keyboard: Enter and Space open it, Delete and Backspace take it off, arrows go to its neighbours."""

    opened = Signal()
    removed = Signal()
    focused = Signal()
    """The keyboard came to it."""
    menu_wanted = Signal(QPoint)
    """At a point of the screen."""
    stepped = Signal(int)
    """The keyboard is to go so many tiles further, as far as there are so many: -1 to the one before."""

    def __init__(self, part: ImagePart | FilePart, theme: Theme) -> None:
        super().__init__()
        self.part = part
        self._theme = theme
        self._look: AttachedLook | None = None
        self.setProperty("role", "field")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture = label("")
        self._picture.setFixedSize(_SIDE, _SIDE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = label("", "strong")
        self._name.setText(self._name.fontMetrics().elidedText(part.name, Qt.TextElideMode.ElideMiddle, _NAME))
        self._facts = label("", "muted")
        self._remove = QToolButton()
        self._remove.setProperty("role", "quiet")
        self._remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the tile's own keys do the same
        self._remove.setAccessibleName(tr("Remove {name}", name=part.name))
        self._remove.setCursor(Qt.CursorShape.ArrowCursor)
        put_tip(self._remove, tr("Remove"))
        self._remove.clicked.connect(self.removed)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 5, 4, 5)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addLayout(words)
        row.addWidget(self._remove)
        self.show_look(None)
        self.themed(theme)

    def show_look(self, look: AttachedLook | None) -> None:
        """Show what is known of the file by now."""
        self._look = look
        facts = facts_text(self.part, look)
        self._facts.setText(facts)
        self.setAccessibleName(f"{self.part.name}, {facts}" if facts else self.part.name)
        self.setToolTip(plain_tip(self.part.name))
        self.setAccessibleDescription(tr("Sent with the prompt. Enter opens it, Delete removes it."))
        self._draw()

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._theme = theme
        self._remove.setIcon(icon("x", theme.muted, 14))
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a thing in a row."""
        forward = Qt.Key.Key_Right if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else Qt.Key.Key_Left
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(1 if event.key() == forward else -1)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.stepped.emit(-_ALL if event.key() == Qt.Key.Key_Home else _ALL)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that it has the keyboard."""
        super().focusInEvent(event)
        set_role(self, "focused", "true")
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has it no more."""
        super().focusOutEvent(event)
        set_role(self, "focused", "false")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It is pressed, not what lies below."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens it."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for its menu, by mouse or key."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        self.menu_wanted.emit(event.globalPos() if by_mouse else self.mapToGlobal(self.rect().center()))

    @Slot()
    def _draw(self) -> None:
        if self._look is None or self._look.picture.isNull():
            self._picture.setPixmap(icon(icon_name(self.part), self._theme.muted, 20).pixmap(QSize(20, 20)))
            return
        ratio = self.devicePixelRatioF()
        shown = self._look.picture.scaled(
            QSize(_SIDE, _SIDE) * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter = QPainter(shown)
        painter.setPen(QColor(self._theme.line))
        painter.drawRect(shown.rect().adjusted(0, 0, -1, -1))  # of white pages nothing else is seen on white
        painter.end()
        shown.setDevicePixelRatio(ratio)
        self._picture.setPixmap(shown)
