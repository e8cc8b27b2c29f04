"""The button that brings a reader back to the end, at the foot of what scrolls."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton, QWidget

from ui.icons import icon
from ui.strings import tr
from ui.theme import Theme

_BELOW = 12
"""Pixels below it."""


class EndButton(QToolButton):
    """Lies in the viewport: beside it, it would cover what scrolls, and all of that were painted anew."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setAccessibleName(tr("Back to the end"))
        self.setToolTip(tr("Back to the end"))
        self.hide()

    def themed(self, theme: Theme) -> None:
        """Draw it in a theme's colours."""
        self.setIcon(icon("arrow-down", theme.text, 16))

    @Slot(bool)
    def at_end_changed(self, at_end: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Show it while the reader is elsewhere."""
        self.adjustSize()
        self.setVisible(not at_end)
        self.raise_()
        self.place()

    def place(self) -> None:
        """Keep it where it is while the text moves below it."""
        if self.isHidden():
            return
        around = self._viewport.size()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - _BELOW)
