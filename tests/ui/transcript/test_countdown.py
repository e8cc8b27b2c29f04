"""A countdown that ends with what it is shown in."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from desktop.domain.events import RetryWait
from desktop.text.phrases import english
from ui.transcript.countdown import Countdown


def test_one_whose_window_is_gone_is_stopped_in_peace(qapp: QApplication) -> None:
    del qapp
    around = QObject()
    made = Countdown(around)
    made.start(RetryWait(attempt=1, wait_s=60, reason=english("Busy")))
    delete(around)
    made.stop()
