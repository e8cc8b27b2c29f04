"""Where everything lies on this computer: folders, free space and backups, each opened with a press."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.paths import Paths
from ui.strings import count, when
from ui.tasks import Tasks
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph
from ui.widgets.parts import hairline, label

_BACKUPS = "backups"
_LITTLE_BYTES = 500_000_000


@dataclass(frozen=True)
class Measured:
    """What a look at the folders found. Bytes; None where a folder cannot be read."""

    used: dict[Path, int | None]
    free: int | None
    backups: int
    newest: datetime | None


def measure(folders: tuple[Path, ...], data: Path) -> Measured:
    """Look at the folders; may take a while on a slow disk: call it on a thread."""
    backups = sorted((data / _BACKUPS).glob("*.db"), key=lambda path: path.stat().st_mtime)
    newest = datetime.fromtimestamp(backups[-1].stat().st_mtime).astimezone() if backups else None
    try:
        free = shutil.disk_usage(data).free
    except OSError:
        free = None
    return Measured({folder: _size(folder) for folder in folders}, free, len(backups), newest)


def size_text(size: int) -> str:
    """Bytes as they are spoken of: “12 MB”, “1.4 GB”."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB" if size else "empty"
    return f"{size / 1_000_000:.0f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"


def open_folder(folder: Path) -> None:
    """Show a folder in the system's own file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class StoragePage(Page):
    """Reads sizes on a thread each time it is refreshed."""

    def __init__(self, paths: Paths, tasks: Tasks, *, opener: Callable[[Path], None] = open_folder) -> None:
        super().__init__(
            "Storage",
            "Everything stays on this computer. Keys are in the keyring, never in these folders.",
            keywords="folder data settings cache logs backups free space disk",
        )
        self._data = paths.data
        self._tasks = tasks
        self._opener = opener
        self.free = label("", "muted")
        places = (
            ("Conversations", paths.data, "The database, its backups and drafts"),
            ("Settings", paths.config, "Options and connections"),
            ("Cache", paths.cache, "Made anew when it is missing"),
            ("Logs", paths.logs, "What happened; no prompts and no keys"),
        )
        self._folders = tuple(folder for _, folder, _ in places)
        self._sizes = {folder: label("", "muted") for folder in self._folders}
        self.backups = label("", "muted")
        for name, folder, about in places:
            self.column.addWidget(self._place(name, folder, about, self._sizes[folder]))
            self.column.addWidget(hairline())
        self.column.addWidget(self._place("Backups", paths.data / _BACKUPS, "One a day", self.backups))
        self.column.addWidget(hairline())
        self.column.addSpacing(12)
        self.column.addWidget(self.free)

    def refresh(self) -> None:
        """Measure again."""
        self._tasks.start(self._measure(), name="settings.storage")

    def _place(self, name: str, folder: Path, about: str, size: QWidget) -> QWidget:
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name))
        path = Paragraph(str(folder), "muted")
        path.setToolTip(about)
        words.addWidget(path)
        row.addLayout(words, 1)
        row.addWidget(size)
        button = QPushButton("Open folder")
        button.setAccessibleName(f"Open the folder of {name.lower()}")
        button.clicked.connect(partial(self._open, folder))
        row.addWidget(button)
        return place

    def _open(self, folder: Path) -> None:
        self._opener(folder if folder.is_dir() else folder.parent)

    async def _measure(self) -> None:
        found = await asyncio.to_thread(measure, self._folders, self._data)
        for folder, size in found.used.items():
            self._sizes[folder].setText("cannot be read" if size is None else size_text(size))
        if found.newest is None:
            self.backups.setText("none yet")
        else:
            last = when(found.newest, datetime.now().astimezone())
            self.backups.setText(f"{count(found.backups, 'backup')}, last {last}")
        if found.free is not None:
            little = " That is little: conversations may not be kept." if found.free < _LITTLE_BYTES else ""
            self.free.setText(f"{size_text(found.free)} free on this disk.{little}")


def _size(folder: Path) -> int | None:
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError:
        return None
