"""Commands for attachments: view, save, copy, remove."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.attachments.media_kind import MediaKind
from desktop.errors import AttachmentRefused, ParagoneError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import phrase
from desktop.transfer.export import export_writer
from desktop.transfer.export.exported_files import safe_name
from ui.attachments.files_asked import FilesAsked
from ui.attachments.picture_view import picture_levels
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.widgets.announcement import announce
from ui.widgets.menu import Menu
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from desktop.attachments.attachment import Attachment
    from desktop.domain.message_parts import FilePart, ImagePart
    from ui.attachments.file_viewer import FileViewer


class FileCommands(QObject):
    """Runs the commands for a window's attachments. Failures are shown in the viewer if it is open."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._window = window
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        self.viewer = OnDemand(self._made_viewer)

    def act(self, asked: FilesAsked) -> None:
        """Open a file in the viewer, or show its menu if the request has a menu position."""
        if asked.place is None:
            self.viewer().view(asked)
        else:
            self._open_menu(asked)

    def _made_viewer(self) -> FileViewer:
        from ui.attachments.file_viewer import FileViewer

        made = FileViewer(self._services, self._tasks, self._themes, self._window)
        made.save_wanted.connect(self.save)
        made.copy_wanted.connect(self.copy)
        return made

    def _open_menu(self, asked: FilesAsked) -> None:
        part, position = asked.files[asked.at], asked.place
        assert position is not None
        menu = Menu(asked.back())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        seen = FilesAsked(asked.files, asked.at, asked.gets, asked.back, remove=asked.remove)
        menu.addAction(tr("Open"), partial(self.act, seen))
        menu.addAction(tr("Save as…"), partial(self.save, part))
        menu.addAction(tr("Copy"), partial(self.copy, part))
        if asked.remove is not None:
            menu.addSeparator()
            menu.addAction(tr("Remove"), partial(asked.remove, asked.at))
        menu.popup(position)

    @Slot(object)
    def save(self, part: ImagePart | FilePart) -> None:
        """Ask where to save a file; the dialog confirms overwriting."""
        dialog = QFileDialog(self._over, tr("Save as…"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(safe_name(part.name))
        dialog.fileSelected.connect(partial(self._chosen, part))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def copy(self, part: ImagePart | FilePart) -> None:
        """Copy an image, a text, or the file's name."""
        self._tasks.start(self._copy(part), name="attachments.copy", failed=self._failed)

    def _chosen(self, part: ImagePart | FilePart, name: str) -> None:
        path = Path(name)
        self._folder = str(path.parent)
        self._tasks.start(self._write(part, path), name="attachments.save", failed=self._failed)

    async def _write(self, part: ImagePart | FilePart, path: Path) -> None:
        """Write the original file atomically.

        Raises:
            ParagoneError: If policy forbids exporting, or the file is missing or cannot be written.
        """
        self._services.settings.policy.require(EXPORT)
        data = await self._services.attachments.data(part.sha256)
        if data is None:
            raise _gone(part)
        await asyncio.to_thread(_put, path, data)
        self._say(tr("Saved as {path}.", path=path))

    async def _copy(self, part: ImagePart | FilePart) -> None:
        attachment = await self._services.attachments.find(part)
        if attachment is None:
            raise _gone(part)
        clipboard = QGuiApplication.clipboard()
        picture = await asyncio.to_thread(_picture, attachment)
        if picture:
            clipboard.setImage(picture[0])
        else:
            clipboard.setText(attachment.decoded.text if attachment.media.kind is MediaKind.TEXT else attachment.name)
        self._say(tr("Copied"))

    @property
    def _over(self) -> QWidget:
        viewer = self.viewer.made
        return viewer if viewer is not None and viewer.isVisible() else self._window

    def _say(self, said: str) -> None:
        viewer = self.viewer.made
        if viewer is not None and viewer.isVisible():
            viewer.say(said)
        announce(self._over, said)

    def _failed(self, error: ParagoneError) -> None:
        viewer = self.viewer.made
        if viewer is not None and viewer.isVisible():
            viewer.say(sentence(error), bad=True)
            announce(viewer, sentence(error))
        else:
            self._tasks.failed.emit(error)


def _gone(part: ImagePart | FilePart) -> AttachmentRefused:
    return AttachmentRefused(phrase("{name} no longer exists.", name=part.name))


def _put(path: Path, data: bytes) -> None:
    """Write data to a file; runs in a thread.

    Raises:
        TransferError: If writing fails.
    """
    with export_writer.draft(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _picture(found: Attachment) -> Sequence[QImage]:
    """Return the image to copy in several sizes, or nothing if the file is not an image; runs in a thread."""
    if found.media.kind is not MediaKind.PICTURE or not found.decoded.pictures:
        return ()
    first = found.decoded.pictures[0]
    return picture_levels(first.data, first.media_type)[:1]
