"""Asks where to save a file, and writes it atomically, with errors and policy shown as sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.errors import TransferError
from desktop.transfer.export import export_writer
from ui.base.strings import sentence

EXPORT_FORBIDDEN = "exportForbidden"
"""Window property with the reason why exporting is forbidden; not set if it is allowed."""


def ask_where(title: str, name: str, kinds: str, parent: QWidget, chosen: Callable[[Path], object]) -> None:
    """Ask where to save a file and pass the path on, unless policy forbids exports, which is said."""
    if forbidden := parent.window().property(EXPORT_FORBIDDEN):
        _say(str(forbidden), title, parent)
        return
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, title, str(Path(folder) / name), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(name.rpartition(".")[2])

    def take(file: str) -> None:
        chosen(Path(file))

    dialog.fileSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def write_text(text: str, path: Path, title: str, parent: QWidget) -> bool:
    """Write a file, showing any error. Returns whether writing succeeded."""
    try:
        with export_writer.pieces(path) as add:
            add(text.encode("utf-8", "replace").decode())
    except TransferError as error:
        _say(sentence(error), title, parent)
        return False
    return True


def _say(text: str, title: str, parent: QWidget) -> None:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.open()
