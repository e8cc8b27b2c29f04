"""Text size and reading column of one window: its size in percent, and how wide text may run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

USUAL = 100
STEPS = (70, 80, 90, USUAL, 110, 125, 150, 175, 200)
"""Available sizes in percent, in ascending order."""

MARGIN = 24
"""Space in pixels on each side of text that runs over the whole width."""

_COLUMNS = {"comfortable": 760, "wide": 960, "full": 100_000}
"""Widths of the reading column in pixels at the usual size, by the values of the setting."""

_NARROWEST = 80


def reading_column(width: int, widest: int) -> tuple[int, int]:
    """Return the left edge and the width of text in a view, in pixels."""
    wide = max(min(width - 2 * MARGIN, widest), _NARROWEST)
    return max((width - wide) // 2, 0), wide


class TextSize(QObject):
    """Text size and column width shared by all transcripts and prompt fields of a window."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._percent = USUAL
        self._column = "comfortable"

    @property
    def widest(self) -> int:
        """Maximum width of the reading column in pixels."""
        return round(_COLUMNS[self._column] * self.scale)

    def margins(self, width: int) -> tuple[int, int]:
        """Return the space on the left and on the right of the text in a view of this width, in pixels."""
        left, wide = reading_column(width, self.widest)
        return left, max(width - left - wide, 0)

    def set_column(self, name: str) -> None:
        """Set the width of the reading column by its name in the settings."""
        if name != self._column:
            self._column = name
            self.changed.emit()

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
