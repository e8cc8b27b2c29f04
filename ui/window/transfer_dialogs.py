"""Opens the import, export and print dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from ui.base.tasks import Tasks
from ui.base.theme import Themes


class TransferDialogs(QObject):
    """Opens the dialogs over the window. Their code is imported on first use."""

    imported = Signal()
    exported = Signal()
    """Emitted after an export. Its format is selected first the next time."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._window = window
        self.export_format = ""
        """The format of the last export; empty before the first."""

    @Slot()
    def open_import(self, files: Sequence[Path] = ()) -> None:
        """Open the import dialog, with a preview of files if there are any."""
        from ui.transfer.import_dialog import ImportDialog

        dialog = ImportDialog(self._services, self._tasks, self._themes, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.imported.connect(self.imported)
        dialog.open()
        if files:
            dialog.take(files)

    def open_export(self, ids: Sequence[str] = (), form: str = "") -> None:
        """Open the export dialog for conversations or comparisons; if there are none, for everything.

        `form` is the format selected at first, by default the last one used.
        """
        from ui.transfer.export_dialog import ExportDialog

        form = form or self.export_format
        dialog = ExportDialog(self._services, self._tasks, self._themes, ids, self._window, form=form)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.exported.connect(self._remember)
        dialog.open()

    def open_print(self, ids: Sequence[str]) -> None:
        """Open the print dialog for conversations or one comparison."""
        from desktop.transfer.export.export import ExportFormat
        from ui.transfer.print_dialog import PrintDialog

        dialog = PrintDialog(self._services, self._tasks, ids, self._window)
        dialog.export_wanted.connect(partial(self.open_export, ids, ExportFormat.PDF))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _remember(self, form: str) -> None:
        self.export_format = form
        self.exported.emit()
