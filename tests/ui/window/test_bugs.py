from __future__ import annotations

import asyncio
import sys
import threading

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QApplication

from tests.ui.waiting import until
from ui.window.bugs import Bugs


async def test_every_door_reports_and_none_ends_the_program(qapp: QApplication) -> None:
    bugs = Bugs()
    said: list[str] = []
    bugs.found.connect(said.append)
    before = sys.excepthook
    bugs.install()
    try:
        sys.excepthook(ValueError, ValueError("sk-secret"), None)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        bugs._report_loop(asyncio.get_running_loop(), {"exception": KeyError("x")})
        bugs._report_loop(asyncio.get_running_loop(), {"message": "only words"})
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        await until(lambda: len(said) == 3)
    finally:
        bugs.remove()
    assert sys.excepthook is before
    assert [name for name in ("ValueError", "ZeroDivisionError", "KeyError") if any(name in each for each in said)] == [
        "ValueError",
        "ZeroDivisionError",
        "KeyError",
    ]
    assert not any("secret" in each for each in said)


def test_what_qt_says_of_a_link_names_nothing_of_it(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    bugs = Bugs()
    bugs.install()
    try:
        qWarning("Unable to detect a launcher for 'mailto:a@b.example?subject=hello&body=private words'")
        qWarning("Unable to detect a web browser to launch 'https://good.example/path?q=what+was+asked'")
    finally:
        bugs.remove()
    assert [each.getMessage() for each in caplog.records if each.name.endswith("ui.qt")] == [
        "Unable to detect a launcher for 'mailto:…",
        "Unable to detect a web browser to launch 'https:…",
    ]
