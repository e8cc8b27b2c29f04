"""Storage page: folders, encryption, backups, and moving the data to another folder."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.errors import CredentialError, ParagoneError, StoreError
from desktop.services import Services
from desktop.settings.schema import ENCRYPTION, SettingsPage
from ui.base.link_opener import open_local
from ui.base.strings import holds_every, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.settings.backups_box import BackupsBox, files_text
from ui.settings.encryption_box import EncryptionBox
from ui.settings.option_saver import OptionSaver
from ui.settings.options_page import Locked, OptionsPage
from ui.settings.sizes import size_text
from ui.widgets.inline_question import InlineQuestion
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip

_LITTLE_BYTES = 500_000_000


class Measured(Struct, frozen=True):
    """Sizes of the folders in bytes. A size is None if the folder cannot be read."""

    used: dict[Path, int | None]
    free: int | None


def measure(folders: tuple[Path, ...], data: Path) -> Measured:
    """Measure the folders and the free space. May be slow: call it in a thread."""
    try:
        free = shutil.disk_usage(data).free
    except OSError:
        free = None
    return Measured({folder: _size(folder) for folder in folders}, free)


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    open_local(folder)


class StoragePage(OptionsPage):
    """Settings page for storage. `reopened` is emitted once other conversations are in place."""

    reopened = Signal()

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        saving: OptionSaver,
        *,
        locked: Locked,
        opener: Callable[[Path], None] = open_folder,
    ) -> None:
        self._tasks = tasks
        self._opener = opener
        self.encryption = EncryptionBox(services, tasks, locked)
        self.backups = BackupsBox(services, tasks, opener)
        self.asking = InlineQuestion(tr("Move everything"))
        self.moved = Paragraph("", "muted")
        self.free = label("", "muted")
        self.files = label("", "muted")
        self._sizes: dict[str, QLabel] = {}
        self._paths: dict[str, Paragraph] = {}
        self._sides: list[QWidget] = []
        super().__init__(SettingsPage.STORAGE, services, saving, locked=locked, without=(ENCRYPTION.key,))
        self._add_rest()
        self.encryption.reopened.connect(self.reopened)
        self.backups.restored.connect(self.reopened)
        self.backups.restored.connect(self._measure_again)

    def seek(self, words: list[str]) -> bool:
        """Show everything if the page itself matches, otherwise only the matching rows."""
        said = tr(
            "Storage folder data settings cache logs backups restore move free space disk encryption recovery code"
        )
        whole = holds_every(words, said)
        found = super().seek([] if whole else words)
        for side in self._sides:
            side.setVisible(whole)
        return whole or found

    def refresh(self) -> None:
        """Reload everything on the page."""
        super().refresh()
        if self._sides:
            self.encryption.refresh()
            self.backups.refresh()
            self._measure_again()

    def _add_rest(self) -> None:
        for widget in (hairline(), self.encryption, hairline(), self.backups, hairline(), self._folders()):
            self.column.addWidget(widget)
            self._sides.append(widget)

    def _places(self) -> tuple[tuple[str, str, Path, str], ...]:
        paths = self._services.paths
        return (
            ("data", tr("Conversations"), paths.data, tr("The database, its backups and drafts")),
            ("config", tr("Settings"), paths.config, tr("Options and connections")),
            ("cache", tr("Cache"), paths.cache, tr("Rebuilt when missing")),
            ("logs", tr("Logs"), paths.logs, tr("Events, without prompts or keys")),
        )

    def _folders(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(8)
        column.addWidget(label(tr("Folders"), "title"))
        for key, name, folder, about in self._places():
            column.addWidget(self._place(key, name, folder, about))
        column.addWidget(self.asking)
        column.addWidget(self.moved)
        self.moved.hide()
        column.addWidget(self.files)
        column.addWidget(self.free)
        self.files.hide()
        return box

    def _place(self, key: str, name: str, folder: Path, about: str) -> QWidget:
        row_widget = QWidget()
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name))
        self._paths[key] = Paragraph(str(folder), "muted")
        put_tip(self._paths[key], about)
        words.addWidget(self._paths[key])
        row.addLayout(words, 1)
        self._sizes[key] = label("", "muted")
        row.addWidget(self._sizes[key])
        if key == "data":
            move = QPushButton(tr("Move…"))
            move.setAccessibleName(tr("Move conversations to another folder…"))
            move.clicked.connect(self._choose)
            row.addWidget(move)
        button = QPushButton(tr("Open folder"))
        button.setAccessibleName(tr("Open folder {name}", name=name))
        button.clicked.connect(partial(self._open, key))
        row.addWidget(button)
        return row_widget

    def _open(self, key: str) -> None:
        folder = {each[0]: each[2] for each in self._places()}[key]
        self._opener(folder if folder.is_dir() else folder.parent)

    @Slot()
    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Move conversations to an empty folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.ask_to_move)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def ask_to_move(self, target: str) -> None:
        """Ask whether to move the data to this folder."""
        self.asking.ask(
            tr("Move the conversations to {folder}?", folder=target),
            [
                tr("Paragone copies and verifies the conversations, then uses the new folder."),
                tr("The old folder remains until you remove it."),
            ],
            [
                (tr("Move"), "primary", lambda: self._start_moving(Path(target))),
                (tr("Cancel"), "", self.asking.clear),
            ],
            no=self.asking.clear,
        )

    def _start_moving(self, target: Path) -> None:
        self.asking.clear()
        self._tell(tr("Copying…"))
        self._tasks.start(self._move(target), name="settings.move", failed=self._not_moved)

    async def _move(self, target: Path) -> None:
        old = self._services.paths.data
        await self._services.move_data(target)
        self._paths["data"].setText(str(self._services.paths.data))
        self._tell(
            tr(
                "The conversations were moved. You can remove the old folder {folder} after restarting Paragone.",
                folder=old,
            )
        )
        self.refresh()

    def _not_moved(self, error: ParagoneError) -> None:
        self._tell(sentence(error))

    def _tell(self, text: str) -> None:
        self.moved.setText(text)
        self.moved.show()

    @Slot()
    def _measure_again(self) -> None:
        self._tasks.start(self._measure(), name="settings.storage")

    async def _measure(self) -> None:
        places = self._places()
        measured = await asyncio.to_thread(measure, tuple(each[2] for each in places), self._services.paths.data)
        for key, _, folder, _ in places:
            size = measured.used[folder]
            self._sizes[key].setText(tr("unreadable") if size is None else size_text(size))
        await self._count_files()
        if measured.free is None:
            return
        free = size_text(measured.free)
        if measured.free < _LITTLE_BYTES:
            self.free.setText(tr("Only {size} free on this disk. Conversations might not be saved.", size=free))
        else:
            self.free.setText(tr("{size} free on this disk.", size=free))

    async def _count_files(self) -> None:
        """Show the number and size of the attachments, and how many are missing."""
        try:
            files = (await self._services.store()).files
            number, size = await files.figures()
            gone = await files.missing()
        except (StoreError, CredentialError):
            return  # above it is said why
        said = [tr("{files}, {size}.", files=files_text(number), size=size_text(size))] if number else []
        said += [trn("{n} attached file is missing.", "{n} attached files are missing.", gone)] if gone else []
        self.files.setText(" ".join(said))
        self.files.setVisible(bool(said))


def _size(folder: Path) -> int | None:
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError:
        return None
