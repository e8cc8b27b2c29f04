"""How large text is in one window, in percent of its usual size: larger and smaller in steps."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

USUAL = 100
STEPS = (70, 80, 90, USUAL, 110, 125, 150, 175, 200)
"""Percent of the usual size, smallest first."""


class TextSize(QObject):
    """The size that all transcripts and fields for prompts of a window share."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._percent = USUAL

    @property
    def percent(self) -> int:
        """One of the steps."""
        return self._percent

    @property
    def scale(self) -> float:
        """What pixels of the usual size are multiplied by."""
        return self._percent / 100

    def set_percent(self, percent: int) -> None:
        """Take the step nearest to a size."""
        nearest = min(STEPS, key=lambda step: abs(step - percent))
        if nearest != self._percent:
            self._percent = nearest
            self.changed.emit()

    @Slot(int)
    def step(self, by: int) -> None:
        """Go so many steps up, down where it is negative, as far as there are any."""
        at = STEPS.index(self._percent) + by
        self.set_percent(STEPS[min(max(at, 0), len(STEPS) - 1)])

    @Slot()
    def larger(self) -> None:
        """One step up."""
        self.step(1)

    @Slot()
    def smaller(self) -> None:
        """One step down."""
        self.step(-1)

    @Slot()
    def usual(self) -> None:
        """Back to the usual size."""
        self.set_percent(USUAL)
