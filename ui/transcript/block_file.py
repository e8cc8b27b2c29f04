"""Saves tables as CSV files, and code blocks as files in their language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.markdown.table_csv import table_csv
from ui.base.link_opener import open_local
from ui.base.strings import tr
from ui.widgets.save_dialog import ask_where, write_text

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
        ask_where(tr("Save table"), "table.csv", "CSV (*.csv)", parent, lambda path: write_table(table, path, parent))


def ask_and_save_code(code: str, language: str, title: str, parent: QWidget) -> None:
    """Ask where to save a code block."""
    name = code_file_name(language, title)
    suffix = name.rpartition(".")[2]
    kinds = f"{suffix} (*.{suffix});;{tr('All files (*)')}"
    ask_where(tr("Save code"), name, kinds, parent, lambda path: write_text(code, path, tr("Save code"), parent))


def code_file_name(language: str, title: str) -> str:
    """Return the file name in the fence of a code block, or else one that fits its language."""
    found = _FILE_NAME.fullmatch(title.rpartition("/")[2].strip())
    return found[0] if found else f"code.{_SUFFIXES.get(language.lower(), 'txt')}"


def write_table(table: str, path: Path, parent: QWidget) -> None:
    """Write a table atomically and open it."""
    if write_text(table, path, tr("Save table"), parent):
        open_local(path)
