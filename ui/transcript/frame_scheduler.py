"""One beat for all transcripts: deltas gather, and are drawn when a transcript's turn comes and the frame has room.

The first delta of a pause is drawn at once. After that every transcript is drawn at most 60 times a second where two or
fewer stream, 30 times up to four, 15 times beyond: nobody reads more than one, and each drawing costs the same whatever
it adds. Those that are hidden only gather. Where drawing all of them would take too long for a frame, they take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot

FRAME_MS = 16
"""A beat; the display shows 60 pictures a second."""

BUDGET_S = 0.007
"""Of a beat, what may be spent on drawing; the rest belongs to the network, to typing and to scrolling."""

_STEPS = ((2, 1 / 62), (4, 1 / 31))
_MANY_S = 1 / 16.5
"""Between two drawings of one transcript, where at most so many stream, and where more do; a little less than beats,
since they jitter."""


class Drawn(Protocol):
    """What is drawn by the beat."""

    @property
    def is_shown(self) -> bool:
        """Whether anybody sees it."""
        ...

    def draw_gathered(self) -> bool:
        """Draw what gathered, as much as a frame has room for; whether some is left."""
        ...


class FrameScheduler(QObject):
    """Owns the timer. `clock` gives seconds that never go back."""

    def __init__(self, parent: QObject | None = None, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._waiting: dict[Drawn, None] = {}
        self._drawn_at: dict[Drawn, float] = {}
        self._costs: dict[Drawn, float] = {}
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)

    def gathered(self, one: Drawn) -> None:
        """Something waits to be drawn there: now if nothing was lately, else at its next turn."""
        if one in self._waiting:
            return
        now = self._clock()
        if one.is_shown and not self._timer.isActive() and now - self._drawn_at.get(one, 0.0) > self._interval():
            self._draw(one)
        else:
            self._waiting[one] = None
        if not self._timer.isActive():
            self._timer.start()

    def shown(self, one: Drawn) -> None:
        """It is seen again: what gathered meanwhile is drawn at the next beat."""
        if one in self._waiting and not self._timer.isActive():
            self._timer.start()

    def postpone(self, one: Drawn) -> None:
        """What waits there is likely to be drawn otherwise in a moment: its turn comes as if it had been drawn now."""
        self._drawn_at[one] = self._clock()

    def forget(self, one: Drawn) -> None:
        """Nothing waits there any more: it was drawn whole, or is gone."""
        self._waiting.pop(one, None)
        self._drawn_at.pop(one, None)
        self._costs.pop(one, None)

    @Slot()
    def beat(self) -> None:
        """Draw those whose turn it is, the longest waiting first, as far as the frame has room; at least one."""
        began = self._clock()
        every = self._interval()
        due = [one for one in self._waiting if began - self._drawn_at.get(one, 0.0) >= every and one.is_shown]
        due.sort(key=lambda one: self._drawn_at.get(one, 0.0))
        for number, one in enumerate(due):
            if number and self._clock() - began + self._costs.get(one, 0.0) > BUDGET_S:
                break
            del self._waiting[one]
            self._draw(one)
        rested = began - max(self._drawn_at.values(), default=0.0) > _MANY_S
        if rested and not any(one.is_shown for one in self._waiting):
            self._timer.stop()

    def _draw(self, one: Drawn) -> None:
        began = self._clock()
        left = one.draw_gathered()
        self._drawn_at[one] = began
        if left:
            self._waiting[one] = None
        self._costs[one] = self._clock() - began

    def _interval(self) -> float:
        return next((every for most, every in _STEPS if len(self._drawn_at) <= most), _MANY_S)
