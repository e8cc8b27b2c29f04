"""Buttons over the transcript that go to the start of the last response and to the end."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton, QWidget

from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme

_BELOW, _BESIDE = 12, 4
"""Distance from the bottom, and from the side, in pixels."""

_LOW = 240
"""Height of a view in pixels up to which a button would cover too much."""


class StartButton(QToolButton):
    """Button that scrolls to the start of the last response, shown while that is above the view.

    It is beside the text as far as there is room, because at the end of a long response it stays. Low views have none.
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setAccessibleName(tr("Go to start of response"))
        self.setToolTip(tr("Go to start of response"))
        self.hide()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.setIcon(icon("arrow-up", theme.text, 16))

    def place(self, top: int) -> None:
        """Show the button in the corner if the response begins above the view at `top`."""
        around = self._viewport.size()
        shown = top < -around.height() // 4 and around.height() > _LOW
        if shown:
            self.adjustSize()
            x = around.width() - self.width() - _BESIDE if self.isLeftToRight() else _BESIDE
            self.move(x, around.height() - self.height() - _BELOW)
        if shown is self.isHidden():
            self.setVisible(shown)
            self.raise_()


class EndButton(QToolButton):
    """Button that scrolls to the end.

    It is a child of the viewport: as a sibling it would force repaints on scrolling.
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setAccessibleName(tr("Scroll to bottom"))
        self.setToolTip(tr("Scroll to bottom"))
        self.hide()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.setIcon(icon("arrow-down", theme.text, 16))

    @Slot(bool)
    def at_end_changed(self, at_end: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Show the button if the end is not visible, otherwise hide it."""
        self.adjustSize()
        self.setVisible(not at_end)
        self.raise_()
        self.place()

    def place(self) -> None:
        """Move the button to its position, for example after scrolling."""
        if self.isHidden():
            return
        around = self._viewport.size()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - _BELOW)
