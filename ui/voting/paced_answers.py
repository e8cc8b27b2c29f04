"""Answers that are there already, shown at one common pace: neither order nor speed tells which model is quick."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

_TICK_MS = 40
_PACE, _LONGEST_S = 400.0, 20.0
"""Characters a second, and how long the longest answer takes at most: then all of them come faster."""


class PacedAnswers(QObject):
    """All begin at once, and each ends where its text does."""

    grew = Signal(int, str)
    """Text comes for the answer at a place."""
    ended = Signal()
    """All of them are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._texts: Sequence[str] = ()
        self._shown = 0
        self._since = 0.0
        self._ticking = QTimer(self, interval=_TICK_MS)
        self._ticking.timeout.connect(self._step)

    @property
    def is_playing(self) -> bool:
        """Whether there is more to come."""
        return self._ticking.isActive()

    def begin(self, texts: Sequence[str]) -> None:
        """Show these."""
        self._texts, self._shown, self._since = texts, 0, time.monotonic()
        self._ticking.start()

    def stop(self) -> None:
        """Nothing of them is to be shown any more."""
        self._ticking.stop()

    @Slot()
    def finish(self) -> None:
        """Let them be shown at once."""
        if self.is_playing:
            self._ticking.stop()
            self.ended.emit()

    @Slot()
    def _step(self) -> None:
        longest = max(map(len, self._texts), default=0)
        upto = int((time.monotonic() - self._since) * max(_PACE, longest / _LONGEST_S))
        for place, text in enumerate(self._texts):
            if more := text[self._shown : upto]:
                self.grew.emit(place, more)
        self._shown = upto
        if upto >= longest:
            self.finish()
