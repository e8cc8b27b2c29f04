"""Frame schedule of all transcripts: text is collected, and drawn when a frame has time for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot

FRAME_MS = 16
"""Interval between frames at 60 frames per second."""

BUDGET_S = 0.007
"""Time for drawing in each frame; the rest is for the network, typing and scrolling."""

_STEPS = ((2, 1 / 62), (4, 1 / 31))
_MANY_S = 1 / 16.5
"""Interval at which a transcript is drawn while many stream; slightly short of whole frames because of jitter."""


class Drawn(Protocol):
    """A transcript that the scheduler draws."""

    @property
    def is_shown(self) -> bool:
        """Whether the transcript is visible."""
        ...

    def draw_gathered(self) -> bool:
        """Draw pending text for a limited time. Returns whether some text is left."""
        ...


class FrameScheduler(QObject):
    """Decides when each transcript is drawn. `clock` returns monotonic seconds."""

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
        """Draw a transcript's pending text now if nothing was drawn recently, otherwise in a later frame."""
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
        """Schedule the pending text of a transcript that became visible."""
        if one in self._waiting and not self._timer.isActive():
            self._timer.start()

    def postpone(self, one: Drawn) -> None:
        """Delay drawing a transcript, because its text will probably be replaced shortly."""
        self._drawn_at[one] = self._clock()

    def forget(self, one: Drawn) -> None:
        """Remove a transcript that has no pending text."""
        self._waiting.pop(one, None)
        self._drawn_at.pop(one, None)
        self._costs.pop(one, None)

    @Slot()
    def beat(self) -> None:
        """Draw transcripts that are due within the budget, the longest waiting ones first, but at least one."""
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
