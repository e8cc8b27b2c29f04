"""What a window made that others listen to goes with it: else what listens, and all that it knows, would stay."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.services import Services
from tests.desktop.store.made import said
from tests.ui.driver import driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


async def test_text_size_and_offers_of_files_go_with_their_window(
    services: Services, tasks: Tasks, themes: Themes, qapp: QApplication
) -> None:
    async with driven(services, tasks, themes, said("Waves.")) as driver:
        shared = driver.window.workspace._shared
        made = shared.text_size, shared.offers, shared.scheduler, shared.drafts
        assert all(isValid(each) for each in made)
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert [type(each).__name__ for each in made if isValid(each)] == []
