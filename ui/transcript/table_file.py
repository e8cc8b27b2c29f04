"""A table that is too wide to be shown whole: where to save it as CSV, which is then opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from desktop.errors import TransferError
from desktop.markdown.table_csv import table_csv
from desktop.transfer import export_writer
from ui.link_opener import open_local
from ui.strings import sentence, tr

EXPORT_FORBIDDEN = "exportForbidden"
"""A property of the window: why nothing is exported from it, as a sentence; not set where exporting is allowed."""


def ask_and_write(texts: Sequence[str], link: str, parent: QWidget) -> None:
    """Ask where the table that a link offers is to be saved; it is in one of these messages."""
    if forbidden := parent.window().property(EXPORT_FORBIDDEN):
        _say(str(forbidden), parent)
        return
    table = next(filter(None, (table_csv(text, link) for text in texts)), "")
    if not table:
        return
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, tr("Save table"), str(Path(folder) / "table.csv"), "CSV (*.csv)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")

    def chosen(name: str) -> None:
        """A file was chosen in the dialog."""
        write_table(table, Path(name))

    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write_table(table: str, path: Path) -> None:
    """Write it, whole or not at all, and open it."""
    try:
        with export_writer.pieces(path) as add:
            add(table)
    except TransferError as error:
        _say(sentence(error), QApplication.activeWindow())
        return
    open_local(path)


def _say(text: str, parent: QWidget | None) -> None:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Save table"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.open()
