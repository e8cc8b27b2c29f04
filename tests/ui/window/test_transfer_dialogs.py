"""Import and export as the window opens them: files that were dropped are looked at, and what was chosen goes out."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.services import Services
from tests.desktop.store.made import said
from tests.desktop.transfer.made import chatgpt_chat
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.export_dialog import ExportDialog
from ui.transfer.import_dialog import ImportDialog, ImportStep
from ui.transfer.print_dialog import PrintDialog
from ui.window.transfer_dialogs import TransferDialogs


async def test_dropped_files_are_looked_at_and_what_came_is_told(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([chatgpt_chat("a")]))
    moving = TransferDialogs(services, tasks, themes, window)
    told = heard(moving.imported)
    moving.open_import([path])
    (dialog,) = window.findChildren(ImportDialog)
    await until(lambda: dialog.step is ImportStep.READY)
    assert await (await services.store()).conversations.list() == ()
    dialog._go.click()
    await until(lambda: dialog.step is ImportStep.DONE)
    assert len(told) == 1
    dialog.done(0)
    await tasks.settle(5)


async def test_an_export_opens_for_what_was_chosen(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    kept = said("why?", "Sky")
    await (await services.store()).conversations.create(kept)
    TransferDialogs(services, tasks, themes, window).open_export([kept.id])
    (dialog,) = window.findChildren(ExportDialog)
    await until(lambda: not tasks.names)
    assert dialog.isVisibleTo(window)
    dialog.done(0)
    await tasks.settle(5)


async def test_a_pdf_that_is_wanted_instead_of_a_print_opens_the_export_with_it_chosen(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    kept = said("why?", "Sky")
    await (await services.store()).conversations.create(kept)
    TransferDialogs(services, tasks, themes, window).open_print([kept.id])
    (printing,) = window.findChildren(PrintDialog)
    printing.export_wanted.emit()
    (dialog,) = window.findChildren(ExportDialog)
    assert "PDF" in {each.text() for each in dialog.findChildren(QAbstractButton) if each.isChecked()}
    dialog.reject()
    printing.reject()
    await tasks.settle(5)
