"""Collects Python's garbage on the window's thread alone.

The collector runs on whichever thread happens to allocate. Where widgets and documents hang in cycles it then destroys
them away from their thread, which crashes Qt or makes it hang.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

INTERVAL_MS = 200

_SHARE = 0.005
"""Of the time, what full collections may take: each takes longer the more the window holds."""


class Collector(QObject):
    """Takes the place of automatic collection until `stop`. `clock` tells seconds."""

    def __init__(self, parent: QObject | None = None, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect_due)
        self._full_from = 0.0
        self._timer.start()

    @Slot()
    def collect_due(self) -> int:
        """Collect the generations that are full, as the collector itself would; how many objects went."""
        counts = gc.get_count()
        before = self._clock()
        if counts[2] > self._thresholds[2] and before >= self._full_from:
            gone = gc.collect(2)
            after = self._clock()
            self._full_from = after + (after - before) / _SHARE
            return gone
        for generation in (1, 0):
            if counts[generation] > self._thresholds[generation]:
                return gc.collect(generation)
        return 0

    def stop(self) -> None:
        """Collect automatically again; also where Qt has ended before, as it does when the screen goes away."""
        if isValid(self._timer):
            self._timer.stop()
        gc.enable()
