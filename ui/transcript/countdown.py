"""Countdown to the retry of a failed request."""

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
    """Emits a sentence whenever the remaining time as displayed changes."""

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
        """Whether a retry is pending."""
        return self._clock.isActive()

    def start(self, wait: RetryWait) -> None:
        """Start to count down to a retry."""
        self._until, self._said = time.monotonic() + wait.wait_s, ""
        reason = divided(tr(wait.reason))[0]
        self._reason = f"{reason[:1].upper()}{reason[1:]}." if reason else ""
        self._clock.start()
        self._tick()

    def stop(self) -> None:
        """Stop counting, because the response has arrived or the view is gone."""
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
