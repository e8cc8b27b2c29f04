"""Saves tables as CSV files, and code blocks as files in their language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.errors import TransferError
from desktop.markdown.table_csv import table_csv
from desktop.transfer.export import export_writer
from ui.base.link_opener import open_local
from ui.base.strings import sentence, tr

EXPORT_FORBIDDEN = "exportForbidden"
"""Window property with the reason why exporting is forbidden; not set if it is allowed."""

_FILE_NAME = re.compile(r"[\w][\w .-]{0,80}\.[A-Za-z0-9]{1,8}")
"""Pattern for a file name in the info string of a code fence."""

_SUFFIXES = {
    "bash": "sh", "c": "c", "c#": "cs", "c++": "cpp", "cpp": "cpp", "csharp": "cs", "css": "css", "csv": "csv",
    "diff": "diff", "dockerfile": "dockerfile", "go": "go", "html": "html", "ini": "ini", "java": "java",
    "javascript": "js", "js": "js", "json": "json", "jsx": "jsx", "kotlin": "kt", "latex": "tex", "lua": "lua",
    "makefile": "mk", "markdown": "md", "md": "md", "perl": "pl", "php": "php", "powershell": "ps1", "py": "py",
    "python": "py", "r": "r", "ruby": "rb", "rust": "rs", "scala": "scala", "sh": "sh", "shell": "sh", "sql": "sql",
    "swift": "swift", "tex": "tex", "toml": "toml", "ts": "ts", "tsx": "tsx", "typescript": "ts", "xml": "xml",
    "yaml": "yaml", "yml": "yaml",
}  # fmt: skip


def ask_and_write(texts: Sequence[str], link: str, parent: QWidget) -> None:
    """Ask where to save the table that a link stands for. The table is in one of these texts."""
    table = next(filter(None, (table_csv(text, link) for text in texts)), "")
    if table:
        _ask(tr("Save table"), "table.csv", "CSV (*.csv)", parent, lambda path: write_table(table, path, parent))


def ask_and_save_code(code: str, language: str, title: str, parent: QWidget) -> None:
    """Ask where to save a code block."""
    name = code_file_name(language, title)
    suffix = name.rpartition(".")[2]
    kinds = f"{suffix} (*.{suffix});;{tr('All files (*)')}"
    _ask(tr("Save code"), name, kinds, parent, lambda path: _write(code, path, tr("Save code"), parent))


def code_file_name(language: str, title: str) -> str:
    """Return the file name in the fence of a code block, or else one that fits its language."""
    found = _FILE_NAME.fullmatch(title.rpartition("/")[2].strip())
    return found[0] if found else f"code.{_SUFFIXES.get(language.lower(), 'txt')}"


def write_table(table: str, path: Path, parent: QWidget) -> None:
    """Write a table atomically and open it."""
    if _write(table, path, tr("Save table"), parent):
        open_local(path)


def _ask(title: str, name: str, kinds: str, parent: QWidget, chosen: Callable[[Path], object]) -> None:
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


def _write(text: str, path: Path, title: str, parent: QWidget) -> bool:
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
