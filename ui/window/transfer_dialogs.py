"""Import and export from the window: their dialogs, and files that are dropped on it."""

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
    """Opens the dialogs over the window; their code is loaded when it is first asked for."""

    imported = Signal()
    exported = Signal()
    """Something was written, in the format that is the next one's too."""

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
        """Ask what to import, or look at files that were dropped."""
        from ui.transfer.import_dialog import ImportDialog

        dialog = ImportDialog(self._services, self._tasks, self._themes, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.imported.connect(self.imported)
        dialog.open()
        if files:
            dialog.take(files)

    def open_export(self, ids: Sequence[str] = (), form: str = "") -> None:
        """Ask how and where to export conversations or comparisons; everything without one.

        `form` is the format chosen at first, the last one used where it is empty.
        """
        from ui.transfer.export_dialog import ExportDialog

        form = form or self.export_format
        dialog = ExportDialog(self._services, self._tasks, self._themes, ids, self._window, form=form)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.exported.connect(self._remember)
        dialog.open()

    def open_print(self, ids: Sequence[str]) -> None:
        """Show conversations or a comparison as they would be printed."""
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
