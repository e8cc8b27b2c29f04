"""A quiet word in the transcript's corner that something was copied; it goes by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.strings import tr

LIFE_MS = 1_800
_INSET = 12
"""Pixels between it and the edges."""


class CopiedNote(QLabel):
    """Lies in the viewport, as the button that leads to the end does; the mouse goes through it."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._timer = QTimer(self, singleShot=True, interval=LIFE_MS)
        self._timer.timeout.connect(self.hide)
        self.setProperty("role", "note")
        self.setText(tr("Copied"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @Slot(bool)
    def say(self, taken: bool = True) -> None:  # noqa: FBT001, FBT002 - a slot
        """Say it, or that the system did not take it, to screen readers too; said again it stays for as long again."""
        self.setText(tr("Copied") if taken else tr("Not copied: another program is using the clipboard. Try again."))
        self._timer.start()
        self.adjustSize()
        self.show()
        self.raise_()
        self.place()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._viewport, self.text()))

    @Slot()
    def place(self) -> None:
        """Keep it in its corner while the text moves below it."""
        if self.isHidden():
            return
        around = self._viewport.rect().adjusted(_INSET, _INSET, -_INSET, -_INSET)
        x = around.right() - self.width() if self.isLeftToRight() else around.left()
        self.move(x, around.bottom() - self.height())
