"""List of backups, with a preview of the changes that restoring one would make."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.errors import CredentialError, ParagoneError, StoreLocked
from desktop.services import Services
from desktop.store.backup.restore import Aside, Backup, Preview, Some
from ui.base.strings import day, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.settings.sizes import size_text
from ui.widgets.inline_question import Answer, InlineQuestion
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph


class BackupsBox(QWidget):
    """List of backups. `restored` is emitted once the conversations of a backup are in place."""

    restored = Signal()

    def __init__(self, services: Services, tasks: Tasks, opener: Callable[[Path], None]) -> None:
        super().__init__()
        self._opener = opener
        self._services = services
        self._tasks = tasks
        self.said = Paragraph("", "muted")
        self.asking = InlineQuestion(tr("Restore a backup"))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(8)
        column.addWidget(label(tr("Backups"), "title"))
        column.addWidget(Paragraph(tr("Paragone creates one backup a day and keeps seven."), "muted"))
        column.addWidget(self.asking)
        column.addWidget(self.said)
        column.addLayout(self._lines)
        self.said.hide()

    def refresh(self) -> None:
        """Reload the backups."""
        self._start(self._look(), "backups")

    async def _look(self) -> None:
        none = tr("No backups yet")
        aside: tuple[Aside, ...] = ()
        try:
            safety = (await self._services.store()).safety
            backups, aside = await safety.backups(), await safety.set_aside()
        except (StoreLocked, CredentialError):
            backups, none = (), tr("Backups are listed once the conversations are open.")
            self.asking.clear()
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, backup in enumerate(backups):
            if place:
                self._lines.addWidget(hairline())
            self._lines.addWidget(self._line(backup))
        if not backups:
            self._lines.addWidget(label(none, "muted"))
        for each in aside:
            self._lines.addWidget(hairline())
            self._lines.addWidget(self._aside_line(each))

    def _line(self, backup: Backup) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 8, 0, 8)
        at = _made(backup)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(at))
        words.addWidget(label(_about(backup), "muted"))
        row.addLayout(words, 1)
        button = QPushButton(tr("Restore…"))
        button.setAccessibleName(tr("Restore backup from {when}…", when=at))
        button.setEnabled(backup.conversations is not None)
        button.clicked.connect(partial(self._show_preview, backup))
        row.addWidget(button)
        return line

    def _aside_line(self, aside: Aside) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 8, 0, 8)
        words = QVBoxLayout()
        words.setSpacing(2)
        at = _spoken(aside.at)
        damaged, replaced = (
            tr("Damaged database, moved on {when}", when=at),
            tr("Replaced by a backup on {when}", when=at),
        )
        words.addWidget(label(damaged if aside.damaged else replaced))
        words.addWidget(Paragraph(str(aside.folder), "muted"))
        row.addLayout(words, 1)
        button = QPushButton(tr("Open folder"))
        button.setAccessibleName(tr("Open folder {name}", name=aside.folder.name))
        button.clicked.connect(partial(self._opener, aside.folder))
        row.addWidget(button)
        return line

    def _show_preview(self, backup: Backup) -> None:
        self._say("")
        self._start(self._preview(backup), "preview")

    async def _preview(self, backup: Backup) -> None:
        store = await self._services.store()
        change = await store.safety.preview(backup.path)
        answers: list[Answer] = []
        if change.added.number and not store.read_only:
            answers.append(
                (tr("Restore only missing conversations"), "", lambda: self._start(self._add(backup), "add"))
            )
        if change != _NOTHING and not store.read_only:
            replace = (tr("Replace everything"), "danger", lambda: self._start(self._restore(backup), "restore"))
            answers.append(replace)
        answers.append((tr("Cancel"), "", self.asking.clear))
        sentences = [
            *preview_sentences(change),
            tr("The current database will be moved to another folder; nothing will be overwritten."),
        ]
        title = tr("Restore the backup from {when}?", when=_made(backup))
        self.asking.ask(title, sentences, answers, no=self.asking.clear)

    async def _add(self, backup: Backup) -> None:
        self._wait()
        added = await (await self._services.store()).safety.add_missing(backup.path)
        self._say(trn("{n} conversation was restored.", "{n} conversations were restored.", added))
        self.restored.emit()

    async def _restore(self, backup: Backup) -> None:
        self._wait()
        aside = await (await self._services.store()).safety.restore(backup.path)
        self._say(tr("The backup was restored. The previous database is in {folder}.", folder=aside))
        self.restored.emit()

    def _wait(self) -> None:
        self.asking.clear()
        self._say(tr("Restoring…"))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def _start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(coroutine, name=f"settings.{name}", failed=self._failed)

    def _failed(self, error: ParagoneError) -> None:
        self._say(sentence(error))


_NOTHING = Preview(Some(0, ()), Some(0, ()), Some(0, ()))


def preview_sentences(change: Preview) -> list[str]:
    """Describe the changes that restoring would make, with the titles of the first conversations."""
    if change == _NOTHING:
        return [tr("The backup has the same contents: nothing would change.")]
    sentences = _of_files(change)
    if change.unreadable is not None:
        sentences.append(
            trn(
                "{n} row in the backup is damaged; the rest can be restored.",
                "{n} rows in the backup are damaged; the rest can be restored.",
                change.unreadable,
            )
        )
    if number := change.added.number:
        sentences.append(
            trn(
                "{n} conversation will be restored: {titles}",
                "{n} conversations will be restored: {titles}",
                number,
                titles=_titles(change.added),
            )
        )
    if number := change.changed.number:
        sentences.append(
            trn(
                "{n} conversation will be reset to its earlier state: {titles}",
                "{n} conversations will be reset to their earlier state: {titles}",
                number,
                titles=_titles(change.changed),
            )
        )
    if number := change.lost.number:
        sentences.append(
            trn(
                "{n} newer conversation will be removed: {titles}",
                "{n} newer conversations will be removed: {titles}",
                number,
                titles=_titles(change.lost),
            )
        )
    return sentences


def _of_files(change: Preview) -> list[str]:
    sentences: list[str] = []
    if change.files:
        sentences.append(
            trn("{n} attached file will be restored.", "{n} attached files will be restored.", change.files)
        )
    if change.files_gone:
        sentences.append(
            trn(
                "{n} attached file is missing.",
                "{n} attached files are missing.",
                change.files_gone,
            )
        )
    return sentences


def _titles(some: Some) -> str:
    named = ", ".join(" ".join(title.split()) or tr("Untitled") for title in some.titles)
    return tr("{titles}, …", titles=named) if some.number > len(some.titles) else named


def _made(backup: Backup) -> str:
    return _spoken(backup.made_at)


def _spoken(at: datetime) -> str:
    at = at.astimezone()
    return tr("{day}, {time}", day=day(at.date()), time=f"{at:%H:%M}")


def _about(backup: Backup) -> str:
    size = size_text(backup.size)
    if backup.conversations is None:
        return tr("{size}, unreadable", size=size)
    said = trn("{n} conversation, {size}", "{n} conversations, {size}", backup.conversations, size=size)
    return tr("{what}, {files}", what=said, files=files_text(backup.files)) if backup.files else said


def files_text(number: int) -> str:
    """Return the number of attachments as text."""
    return trn("{n} attached file", "{n} attached files", number)
