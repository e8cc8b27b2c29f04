"""Collects Python's garbage on the window's thread alone.

The collector runs on whichever thread happens to allocate. Where widgets and documents hang in cycles it then destroys
them away from their thread, which crashes Qt or makes it hang.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

INTERVAL_MS = 200


class Collector(QObject):
    """Takes the place of automatic collection until `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.collect_due)
        self._timer.start()

    @Slot()
    def collect_due(self) -> int:
        """Collect the generations that are full, as the collector itself would; how many objects went."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                return gc.collect(generation)
        return 0

    def stop(self) -> None:
        """Collect automatically again."""
        self._timer.stop()
        gc.enable()
