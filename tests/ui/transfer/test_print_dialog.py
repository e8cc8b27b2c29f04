"""Print: a preview of the pages, the printers that there are, and a sentence where nothing can be printed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QPushButton

from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.reports import samples
from tests.desktop.settings.test_policy import policy
from tests.ui import finding
from tests.ui.driver import driven
from tests.ui.transcript.makers import heard
from tests.ui.waiting import until
from tests.ui.window.test_reading_keys import chat
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer import print_dialog
from ui.transfer.print_dialog import PrintDialog


@pytest.fixture(autouse=True)
def printers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the printers that there are."""
    names = ["Office"]
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: names)
    monkeypatch.setattr(QPrinterInfo, "defaultPrinterName", lambda: names[0] if names else "")
    return names


@pytest.fixture
async def dialog(services: Services, tasks: Tasks) -> AsyncIterator[PrintDialog]:
    await (await services.store()).conversations.create(samples.conversation(0, 12))
    made = PrintDialog(services, tasks, ["c0"])
    made.show()
    yield made
    made.reject()
    await tasks.settle(10)


async def test_ctrl_p_shows_the_pages_of_what_is_shown(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, chat("Sky", 12)) as driver:
        driver.press("Ctrl+P")
        (shown,) = (each for each in driver.window.findChildren(PrintDialog) if each.isVisible())
        await driver.until(lambda: finding.button(shown, "Print").isEnabled())
        assert shown.preview.pageCount() >= 1
        assert all(each.accessibleName() for each in (*shown.findChildren(QPushButton), shown.copies, shown.printers))
        shown.reject()
        driver.come_back()
        assert driver.focused is driver.editor


async def test_all_pages_are_printed_as_often_as_is_asked_for(dialog: PrintDialog, tmp_path: Path) -> None:
    await until(lambda: finding.button(dialog, "Print").isEnabled())
    assert dialog.preview.pageCount() > 1
    dialog.printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    dialog.printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    dialog.copies.setValue(2)
    finding.button(dialog, "Print").click()
    assert not dialog.isVisible()
    assert dialog.printer.copyCount() == 2
    document = pypdfium2.PdfDocument(tmp_path / "printed.pdf")
    assert len(document) == dialog.preview.pageCount()
    assert "Capital cities" in document[0].get_textpage().get_text_range()
    document.close()


async def test_without_a_printer_that_is_said_and_the_pages_are_seen(dialog: PrintDialog, printers: list[str]) -> None:
    dialog.printers.clear()
    await until(lambda: bool(dialog.said))
    assert dialog.said == "There is no printer on this computer. Export a PDF instead."
    assert not finding.button(dialog, "Print").isEnabled()
    assert dialog.preview.pageCount() > 1


async def test_without_a_printer_a_pdf_is_offered_in_its_place(dialog: PrintDialog, printers: list[str]) -> None:
    assert not finding.button(dialog, "Export PDF…").isVisible()
    dialog.printers.clear()
    await until(lambda: finding.button(dialog, "Export PDF…").isVisible())
    wanted = heard(dialog.export_wanted)
    finding.button(dialog, "Export PDF…").click()
    assert len(wanted) == 1
    assert not dialog.isVisible()


async def test_what_is_too_long_or_forbidden_is_a_sentence(
    services: Services, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await services.store()).conversations.create(samples.conversation(0, 3))
    monkeypatch.setattr(print_dialog, "_LONGEST", 1_000)
    for settings, said in (
        (Settings(), "too long to print"),
        (Settings(policy=policy(Export=False)), "does not allow exporting"),
    ):
        services.use(settings)
        dialog = PrintDialog(services, tasks, ["c0"])
        dialog.show()
        await until(lambda dialog=dialog: bool(dialog.said))
        assert said in dialog.said
        assert not finding.button(dialog, "Print").isEnabled()
        dialog.reject()
