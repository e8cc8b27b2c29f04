"""Files given to a prompt: text is inserted with its name, of others a sentence says why not, and what they are for."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from ui.pane.composer import Composer
from ui.pane.editor import local_files
from ui.strings import tr
from ui.tasks import Tasks

_AT_MOST = 20
"""Files that are taken at once."""
_SAID_MS = 12_000
_MODELS = (".gguf",)
_EXPORTS = (".zip", ".json", ".jsonl", ".db", ".sqlite")


class FileOffers(QObject):
    """What becomes of files beyond the place where they were dropped; the window's panes share it."""

    handed_on = Signal(object)
    """Files are an export or a model, as their user says."""
    for_all = Signal(object)
    """Files are for the prompt to all panes: they were dropped on one that has no prompt of its own."""


class GivenFiles(QObject):
    """Puts what is dropped on a field, pasted into it or dropped on `read`, which belongs to it, into the prompt."""

    def __init__(self, tasks: Tasks, composer: Composer, offers: FileOffers, read: QWidget | None = None) -> None:
        super().__init__(composer)
        self._tasks = tasks
        self._composer = composer
        self._offers = offers
        composer.editor.files_given.connect(self.take)
        if read is not None:
            read.setAcceptDrops(True)
            read.installEventFilter(self)

    @Slot(object)
    def take(self, paths: Sequence[Path]) -> None:
        """Insert files, or say why not."""
        self._tasks.start(self._insert(tuple(paths)[:_AT_MOST]), name="pane.files")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files that are dropped."""
        if isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            files = local_files(event.mimeData())
            if files:
                event.acceptProposedAction()
            if files and not isinstance(event, QDragEnterEvent):
                if self._composer.isHidden():
                    self._offers.for_all.emit(files)
                else:
                    self.take(files)
            return bool(files)
        return super().eventFilter(watched, event)

    async def _insert(self, paths: Sequence[Path]) -> None:
        from ui.pane.text_file import NoText, as_prompt  # the first paint needs none

        for path in paths:
            try:
                text = await asyncio.to_thread(as_prompt, path)
            except NoText as no:
                self._say(tr(no.said), path)
            else:
                self._composer.editor.insert_file(text)
                self._composer.editor.setFocus()

    def _say(self, sentence: str, path: Path) -> None:
        """Say why not; an export or a model goes where it belongs once somebody says so."""
        ending = path.suffix.casefold()
        action = tr("Add as a model…") if ending in _MODELS else tr("Import…") if ending in _EXPORTS else ""
        self._composer.notices.show_notice(
            sentence,
            tone="plain",
            action=action,
            act=partial(self._offers.handed_on.emit, [path]) if action else None,
            life_ms=_SAID_MS,
        )
