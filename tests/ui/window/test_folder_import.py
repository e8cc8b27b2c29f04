"""A folder of what several programs wrote, brought in through the window: chosen, looked at, imported, seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.services import Services
from tests.desktop.transfer.test_import_zips import MIXED, laid
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.import_dialog import ImportDialog, ImportStep

EVERYWHERE = Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    async with driven(services, tasks, themes) as made:
        yield made


async def test_a_chosen_folder_is_shown_first_and_then_in_the_list(driver: Driver, tmp_path: Path) -> None:
    folder = laid(tmp_path, MIXED, packed=False)
    driver.press("Ctrl+O")
    await driver.until(lambda: driver.window.findChildren(ImportDialog))
    (dialog,) = driver.window.findChildren(ImportDialog)
    driver.push("Choose folder…")
    (chooser,) = dialog.findChildren(QFileDialog)
    chooser.filesSelected.emit([str(folder)])
    chooser.close()
    await driver.until(lambda: dialog.step is ImportStep.READY)
    assert dialog.said.startswith("8 conversations with ")
    shown = [each.text(0) for each in dialog.report.findItems("*", EVERYWHERE)]
    assert "Files without conversations are left out (3)." in shown
    assert "Zip archives and databases inside the archive are left out (2): import each of them separately." in shown
    assert not any("Sea" in row for row in driver.rows("Conversations"))
    driver.push("Import")
    await driver.until(lambda: dialog.step is ImportStep.DONE)
    assert dialog.said.startswith("8 conversations with ")
    dialog.close()
    await driver.until(lambda: any(row.startswith("é: no") for row in driver.rows("Conversations")))
    rows = driver.rows("Conversations")
    assert all(any(row.startswith(title) for row in rows) for title in ("Sea", "Sky", "Stone", "Sun", "sky"))
    driver.come_back()
    driver.press("Ctrl+Shift+F")
    driver.type("where?")
    await driver.until(lambda: driver.rows("Conversations")[0].startswith("Results"))
    assert any(row.startswith("Sea") for row in driver.rows("Conversations"))
