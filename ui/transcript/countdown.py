"""Counts down to the moment at which a request that failed is tried again."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from shiboken6 import isValid

from desktop.domain.events import RetryWait
from ui.base.strings import tr
from ui.transcript.error_card import divided

_TICK_MS = 250


class Countdown(QObject):
    """Gives a sentence whenever there is another one to be shown."""

    said = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._until = 0.0
        self._reason = ""
        self._said = ""
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tick)

    @property
    def is_counting(self) -> bool:
        """Whether there is something to wait for."""
        return self._clock.isActive()

    def start(self, wait: RetryWait) -> None:
        """Say why and how long from now on."""
        self._until, self._said = time.monotonic() + wait.wait_s, ""
        reason = divided(tr(wait.reason))[0]
        self._reason = f"{reason[:1].upper()}{reason[1:]}." if reason else ""
        self._clock.start()
        self._tick()

    def stop(self) -> None:
        """The answer came, or nobody waits any more: perhaps since what it was shown in is gone."""
        if isValid(self._clock):
            self._clock.stop()

    @Slot()
    def _tick(self) -> None:
        left = math.ceil(max(self._until - time.monotonic(), 0))
        trying = tr("Trying again in {left} s.", left=left) if left else tr("Trying again.")
        said = f"{self._reason} {trying}".lstrip()
        if said != self._said:
            self._said = said
            self.said.emit(said)
