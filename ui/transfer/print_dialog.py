"""Print dialog with a preview, the printer and the number of copies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from msgspec import structs
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo, QPrintPreviewWidget
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.errors import ParagoneError, TransferError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import phrase
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.paper_text import PaperBlock, PaperForm, PaperPart
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.transfer.page_words import is_letter, page_words
from ui.transfer.paper_pages import PaperPages, page_layout
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, NumberBox
from ui.widgets.labels import label, set_role
from ui.widgets.paragraph import Paragraph

_SIZE = (860, 700)
_LONGEST = 500_000
"""Maximum length of content that is laid out in the window's thread; longer content has to be exported."""

_MOST_COPIES = 99


class PrintDialog(QDialog):
    """Dialog for printing; open it with `open()`. `ids` are conversations or one comparison."""

    export_wanted = Signal()
    """Emitted when the user wants to export a PDF file instead."""

    def __init__(self, services: Services, tasks: Tasks, ids: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._ids = tuple(ids)
        self._form: PaperForm | None = None
        self._parts: list[PaperPart] = []
        self.printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self.preview = QPrintPreviewWidget(self.printer)
        self.preview.setAccessibleName(tr("Preview"))
        self.printers = ChoiceBox(tr("Printer"))
        self.copies = NumberBox(1, _MOST_COPIES)
        self.copies.setAccessibleName(tr("Copies"))
        self._said = Paragraph("", "muted")
        self._export = button(tr("Export PDF…"), by_enter=True)
        self._export.hide()
        self._cancel = button(tr("Cancel"), by_enter=True)
        self._go = button(tr("Print"), "primary", by_enter=True)
        self._go.setDefault(True)
        self._go.setEnabled(False)
        self.setWindowTitle(tr("Print"))
        self.setAccessibleName(tr("Print"))
        self._lay_out()
        self._list_printers()
        self.preview.paintRequested.connect(self._paint)
        self._cancel.clicked.connect(self.reject)
        self._export.clicked.connect(self._export_instead)
        self._go.clicked.connect(self._print)
        self._task: asyncio.Task[None] = tasks.start(self._look(), name="transfer.print", failed=self._failed)

    @property
    def said(self) -> str:
        """The displayed error, if any."""
        return self._said.text()

    def done(self, result: int) -> None:
        """Close the dialog and cancel loading."""
        self._task.cancel()
        super().done(result)

    @Slot()
    def _export_instead(self) -> None:
        self.reject()
        self.export_wanted.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.preview, 1)
        column.addWidget(self._said)
        row = QHBoxLayout()
        row.setSpacing(8)
        for caption, control in ((tr("Printer"), self.printers), (tr("Copies"), self.copies)):
            text = label(caption, "caption")
            text.setBuddy(control)
            row.addWidget(text)
            row.addWidget(control)
        row.addStretch(1)
        row.addWidget(self._export)
        row.addWidget(self._cancel)
        row.addWidget(self._go)
        column.addLayout(row)
        screen = QGuiApplication.primaryScreen().availableSize()  # a widget's own ends with it, as PySide has it
        self.resize(min(_SIZE[0], screen.width()), min(_SIZE[1], screen.height()))

    def _list_printers(self) -> None:
        """List the printers, and select the default one."""
        names = QPrinterInfo.availablePrinterNames()
        self.printers.addItems(names)
        usual = QPrinterInfo.defaultPrinterName()
        if usual in names:
            self.printers.setCurrentIndex(names.index(usual))
        self.printers.currentIndexChanged.connect(self._printer_chosen)

    @Slot()
    def _printer_chosen(self) -> None:
        if self._form is not None and self.printers.currentText():
            self.printer.setPrinterName(self.printers.currentText())
            self.printer.setPageLayout(page_layout(self._form))
            self.preview.updatePreview()

    async def _look(self) -> None:
        """Load the content to print and render its formulas."""
        self._services.settings.policy.require(EXPORT)
        store = await self._services.store()
        exporter = await self._services.exporter(page_words(), letter=is_letter())
        choice = structs.replace(await export.choose(store, self._ids), all_branches=False)
        paper = await exporter.paper(choice, ExportFormat.PDF)
        size = 0
        async with aclosing(paper.parts) as parts:
            async for part in parts:
                self._parts.append(part)
                size += len(part.html) if isinstance(part, PaperBlock) else sum(map(len, part.cells))
                if size > _LONGEST:
                    raise TransferError(
                        phrase("This conversation is too long to print."),
                        hint=phrase("Export a PDF and print that instead."),
                    )
        self._form = paper.form
        self.printer.setPageLayout(page_layout(paper.form))
        self.printer.setDocName(paper.form.title)
        if self.printers.currentText():
            self.printer.setPrinterName(self.printers.currentText())
        else:
            self._say(tr("There is no printer on this computer. Export a PDF instead."))
            self._export.show()
            self._export.setFocus()
        self.preview.updatePreview()
        self._go.setEnabled(bool(self.printers.count()))
        if self._go.isEnabled():
            self._go.setFocus()

    @Slot(QPrinter)
    def _paint(self, printer: QPrinter) -> None:
        """Paint all pages for the preview or the printer."""
        if self._form is None:
            return
        pages = PaperPages(printer, self._form)
        for part in self._parts:
            pages.add(part)
        pages.end()

    @Slot()
    def _print(self) -> None:
        self.printer.setCopyCount(round(self.copies.value()))
        try:
            self._paint(self.printer)
        except OSError:
            self._refused()
            return
        if self.printer.printerState() is QPrinter.PrinterState.Error:
            self._refused()
            return
        self.accept()

    def _refused(self) -> None:
        self._say(tr("The printer did not accept the print job. Check the printer, or export a PDF."), bad=True)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._said.setText(text)
        announce(self._said, text)
        set_role(self._said, "role", "problem" if bad else "muted")
        self._said.setVisible(bool(text))

    def _failed(self, error: ParagoneError) -> None:
        self._parts.clear()
        self._say(sentence(error), bad=True)
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)
