"""A window that has gone is kept by nothing: not by what it listened to, nor by what listened to it."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from desktop.services import Services
from tests.desktop.store.made import said
from tests.ui.driver import driven
from ui.tasks import Tasks
from ui.theme import Themes


async def test_nothing_keeps_a_window_once_its_owners_have_gone(services: Services, qapp: QApplication) -> None:
    owners = tasks, themes = Tasks(), Themes()
    async with driven(services, tasks, themes, said("Waves.")) as driver:
        gone = weakref.ref(driver.window), weakref.ref(driver.window.pane), weakref.ref(driver.transcript())
        driver.press("Ctrl+D")
        assert len(driver.window.workspace.line) == 2
    del driver
    await tasks.cancel_all()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    for each in owners:
        delete(each)
    del tasks, themes
    gc.collect()
    assert [each() is None for each in gone] == [True, True, True]
