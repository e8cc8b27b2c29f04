"""Attaches files and images to a prompt, or explains why they cannot be attached."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QEvent, QObject, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.errors import AttachmentRefused, PolicyForbids, StoreError
from desktop.services import Services
from ui.base.strings import files_text, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.composer.composer import Composer
from ui.composer.editor import local_files
from ui.widgets.announcement import announce
from ui.widgets.drop_frame import DropFrame
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from ui.pane.pane_resources import PaneResources

_SAID_MS = 12_000
MODELS = (".gguf",)
EXPORTS = (".zip", ".json", ".jsonl", ".db", ".sqlite")
"""File suffixes of other programs' exports, which can be imported instead of attached."""


class AttachmentIntake(QObject):
    """Attaches files that are pasted into the field, or dropped on the composer or the widget `around` it."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        composer: Composer,
        shared: PaneResources,
        gets: Callable[[], str],
        around: QWidget | None = None,
    ) -> None:
        """Store the services; `gets` describes how the models receive the attachments."""
        super().__init__(composer)
        self._gets = gets
        self._services = services
        self._tasks = tasks
        self._composer = composer
        self._shared = shared
        composer.editor.files_given.connect(self.take)
        composer.editor.picture_given.connect(self.take_picture)
        composer.line.attach.clicked.connect(self._choose)
        self._taking = around or composer
        self._frame = OnDemand(lambda: DropFrame(self._taking))
        self._taking.setAcceptDrops(True)
        self._taking.installEventFilter(self)
        composer.editor.files_over.connect(self._say_target)

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        """Attach files or explain why they cannot be attached."""
        self._begin([(path, path.name) for path in paths])

    @Slot(object)
    def take_picture(self, image: QImage) -> None:
        """Attach an image from the clipboard."""
        held = QBuffer()
        held.open(QBuffer.OpenModeFlag.WriteOnly)
        image.save(held, "PNG")  # type: ignore[call-overload]
        self._begin([(bytes(held.data().data()), tr("image.png"))])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept files that are dropped, and while they are dragged, show what will happen to them."""
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self._say_target(False)  # noqa: FBT003 - a state
        elif isinstance(event, QDropEvent) and kind in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            files = local_files(event.mimeData())
            if files:
                self._say_target(kind == QEvent.Type.DragEnter)
            if files:
                event.acceptProposedAction()
            if files and not isinstance(event, QDragEnterEvent):
                if self._composer.isHidden():
                    self._shared.offers.for_all.emit(files)
                else:
                    self.take(files)
            return bool(files)
        return super().eventFilter(watched, event)

    @Slot(bool)
    def _say_target(self, over: bool) -> None:  # noqa: FBT001 - a state
        """Show or hide the frame that says what will happen to dragged files."""
        if over or self._frame.made is not None:
            hidden = self._composer.isHidden()
            said = tr("Attach to the prompt for all panes") if hidden else tr("Attach to the prompt")
            self._frame().say(said if over else "")

    @Slot()
    def _choose(self) -> None:
        """Open a file dialog without blocking the event loop."""
        try:
            self._services.attachments.limits().require()
        except PolicyForbids as no:
            self._say(sentence(no), Path())
            return
        dialog = QFileDialog(self._composer.window(), tr("Attach files"))
        dialog.setDirectory(self._shared.offers.folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._chosen)
        dialog.open()

    @Slot(list)
    def _chosen(self, names: list[str]) -> None:
        self._shared.offers.folder = str(Path(names[0]).parent)
        self.take([Path(name) for name in names])

    def _begin(self, given: Sequence[tuple[Path | bytes, str]]) -> None:
        """Start attaching files; a prompt sent meanwhile waits for them.

        The focus moves to the field now, because the user may be typing elsewhere by the time the files are
        read.
        """
        self._composer.editor.setFocus()
        attached = self._composer.attached
        attached.begin()
        self._tasks.start(self._attach(given, attached.occasion), name="pane.files")

    async def _attach(self, given: Sequence[tuple[Path | bytes, str]], occasion: int) -> None:
        attached, most = self._composer.attached, self._services.attachments.limits().files
        names: list[str] = []
        same: list[str] = []
        beyond: list[str] = []
        came = False
        try:
            for each, name in given:
                before = attached.parts
                if len(before) >= most:  # asked before each: one that cannot be read takes no place
                    beyond.append(name)
                elif await self._attach_one(each, name, occasion):
                    (same if attached.parts == before else names).append(name)
            came = len(names) + len(same) == len(given)
        finally:
            attached.end(came=came)
        if names and attached.occasion == occasion:  # else it was sent at once
            told = tr("{names} attached.", names=files_text(names))
            announce(self._composer.editor, f"{told} {self._gets()}")
        if same and attached.occasion == occasion:
            said = tr("Already attached: {names}.", names=files_text(same))
            self._composer.notices.show_notice(said, tone="plain", life_ms=_SAID_MS)
        if beyond:
            self._say_beyond(beyond, most)

    def _say_beyond(self, beyond: Sequence[str], most: int) -> None:
        """List the files that exceed the limit. A repeated notice is announced again."""
        notices, names = self._composer.notices, files_text(beyond)
        sentence = trn(
            "A prompt can have at most {n} file. Not attached: {names}.",
            "A prompt can have at most {n} files. Not attached: {names}.",
            most,
            names=names,
        )
        for bar in notices.bars:
            if bar.text == sentence:
                bar.dismiss()
        notices.show_notice(sentence, tone="warn")

    async def _attach_one(self, given: Path | bytes, name: str, occasion: int) -> bool:
        """Attach one file, unless the composer has moved on to another prompt. Returns whether it was attached."""
        desk, keep = self._services.attachments, not (await self._services.store()).read_only
        attached, path = self._composer.attached, Path(name) if isinstance(given, bytes) else given
        slow, scope = attached.reading(name), asyncio.timeout(None)
        try:
            async with scope:
                slow.stopped.connect(lambda: scope.reschedule(0))
                if isinstance(given, bytes):
                    attachment = await desk.take(given, name, slow.tell, keep=keep)
                else:
                    attachment = await desk.read(given, slow.tell, keep=keep)
        except TimeoutError:
            if not scope.expired():
                raise
            return False  # whoever stopped it knows
        except (AttachmentRefused, PolicyForbids, StoreError) as no:
            self._say(sentence(no), path)
            return False
        finally:
            slow.end()
        if attached.occasion != occasion:
            problem = tr(
                "{name} was not attached because another conversation was opened while the file was being read.",
                name=name,
            )
            self._say(problem, path)
            return False
        most = desk.limits().prompt_bytes
        if attachment.size + sum(each.size for each in attached.parts) > most:
            problem = tr(
                "{name} was not attached: the files attached to a prompt can total at most {n} MB.",
                name=name,
                n=most >> 20,
            )
            self._say(problem, path)
            return False
        attached.attach(attachment)
        if isinstance(given, Path) and given.suffix.casefold() in EXPORTS:
            self._say(
                tr(
                    "{name} is attached to the prompt. Is this file an export from another program?",
                    name=attachment.name,
                ),
                given,
            )
        return True

    def _say(self, said: str, path: Path) -> None:
        """Explain why a file was not attached, and offer to import it or to add it as a model."""
        ending = path.suffix.casefold()
        action = tr("Add as model…") if ending in MODELS else tr("Import…") if ending in EXPORTS else ""
        self._composer.notices.show_notice(
            said,
            tone="plain",
            action=action,
            act=partial(self._shared.offers.handed_on.emit, [path]) if action else None,
            life_ms=_SAID_MS,
        )
