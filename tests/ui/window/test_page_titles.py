"""The window is called as what it shows: also once a page that stood in the panes' place is gone."""

from __future__ import annotations

import pytest

from desktop.services import Services
from tests.desktop.store import made
from tests.ui.driver import driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.mark.parametrize(("keys", "page"), [("Ctrl+Shift+R", "Ranking")])
async def test_a_page_names_the_window_for_as_long_as_it_stands_there(
    services: Services, tasks: Tasks, themes: Themes, keys: str, page: str
) -> None:
    async with driven(services, tasks, themes, made.said("hello")) as driver:
        window = driver.window
        assert window.windowTitle() == "Sky - Paragone"
        driver.press(keys)
        await driver.until(lambda: window.windowTitle() == f"{page} - Paragone")
        window.workspace.title_changed.emit("Named meanwhile")
        assert window.windowTitle() == f"{page} - Paragone"
        driver.press(keys)
        await driver.until(lambda: window.windowTitle() == "Named meanwhile - Paragone")
