"""Text size of one window in percent of the default size, changed in steps."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

USUAL = 100
STEPS = (70, 80, 90, USUAL, 110, 125, 150, 175, 200)
"""Available sizes in percent, in ascending order."""


class TextSize(QObject):
    """Text size shared by all transcripts and prompt fields of a window."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._percent = USUAL

    @property
    def percent(self) -> int:
        """The current size in percent, one of STEPS."""
        return self._percent

    @property
    def scale(self) -> float:
        """Factor by which default pixel sizes are multiplied."""
        return self._percent / 100

    def set_percent(self, percent: int) -> None:
        """Select the step nearest to a size."""
        nearest = min(STEPS, key=lambda step: abs(step - percent))
        if nearest != self._percent:
            self._percent = nearest
            self.changed.emit()

    @Slot(int)
    def step(self, by: int) -> None:
        """Increase the size by a number of steps, or decrease it if `by` is negative, within the available range."""
        at = STEPS.index(self._percent) + by
        self.set_percent(STEPS[min(max(at, 0), len(STEPS) - 1)])

    @Slot()
    def larger(self) -> None:
        """Increase the size by one step."""
        self.step(1)

    @Slot()
    def smaller(self) -> None:
        """Decrease the size by one step."""
        self.step(-1)

    @Slot()
    def usual(self) -> None:
        """Return to the default size."""
        self.set_percent(USUAL)
