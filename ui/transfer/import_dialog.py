"""Import dialog: choose files, preview additions and losses, import with progress, and undo."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.store.retention import rule_of
from desktop.text.phrases import Phrase, phrase
from desktop.transfer import last_import
from desktop.transfer.import_report import FileReport, ItemState, Note, Report, ReportItem, notes
from desktop.transfer.importer import Importer, undo
from desktop.transfer.source import apart
from ui.base.strings import number_text, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.transfer import report_text
from ui.transfer.drop_area import DropArea, ProgressLine, dropped
from ui.transfer.report_text import file_line, told_often
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import label, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import plain_tip
from ui.widgets.window_size import within_screen

_MOST = 500
_TITLE_WIDTH = 220
_HEIGHT = 26

_Index = QModelIndex | QPersistentModelIndex


class ReportView(QTreeWidget):
    """Tree of a report's files and notes. Long lines have tooltips."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setAccessibleName(tr("Results"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, _TITLE_WIDTH)
        self.setItemDelegate(_Tall(self))
        self.itemExpanded.connect(self._span)
        self._recolour(themes.current)
        themes.changed.connect(self._recolour)

    def show_report(self, report: Report) -> None:
        """Replace the report that is shown."""
        self.clear()
        tops = [self._file(each) for each in _listed(report.files)]
        if len(report.files) > _MOST:
            tops.append(_spanned(trn("… and {n} more file", "… and {n} more files", len(report.files) - _MOST)))
        self.addTopLevelItems(tops)  # all at once: each by itself would lay out all that are there
        self.expandToDepth(0)
        for top in tops:
            self._span(top)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    def _file(self, file: FileReport) -> QTreeWidgetItem:
        """Return the item of a file, which contains the items of its notes."""
        top = _row(file_line(file), "")
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        rows = list(_rows(file))
        muted = QColor(self._themes.current.muted)
        for each in (top, *rows, *_below(rows)):
            each.setForeground(1, muted)
        top.addChildren(rows)
        return top

    @Slot(QTreeWidgetItem)
    def _span(self, row: QTreeWidgetItem) -> None:
        """Let items that have no text in the second column span both columns."""
        for each in (row, *_below([row])):
            each.setFirstColumnSpanned(not each.text(1))

    @Slot(object)
    def _recolour(self, theme: Theme) -> None:
        """Use a soft color for the selection."""
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Highlight, QColor(theme.tint))
        colours.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.text))
        self.setPalette(colours)


def _listed(files: Sequence[FileReport]) -> Sequence[FileReport]:
    """Return the files to list. If there are too many, those with notes come first."""
    if len(files) <= _MOST:
        return files
    return sorted(files, key=lambda file: not (file.problem or file.notice or notes(file.items)))[:_MOST]


def _below(rows: Iterable[QTreeWidgetItem]) -> Iterator[QTreeWidgetItem]:
    below = (row.child(place) for row in rows for place in range(row.childCount()))
    return (each for each in below if each is not None)


class _Tall(QStyledItemDelegate):
    """Paints rows with padding."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return a height that leaves space around the text."""
        return QSize(super().sizeHint(option, index).width(), _HEIGHT)


def _rows(file: FileReport) -> Iterator[QTreeWidgetItem]:
    if file.problem:
        yield _spanned(_words(file.problem))
    yield from (_spanned(_words(each)) for each in apart(file.notice))
    noted = notes(file.items)
    for note in noted[:_MOST]:
        yield _noted(note)
    yield from _left_out(len(noted))
    if not noted and not file.problem:
        yield _spanned(tr("Everything can be imported.") if file.items else tr("No conversations."))


def _noted(note: Note) -> QTreeWidgetItem:
    """Return the item for a note. If several conversations are affected, it contains their titles."""
    reason = _words(note.reason)
    if len(note.items) == 1:
        ((item, count),) = note.items
        return _row(_title(item), told_often(reason, count))
    tree_item = _spanned(
        trn(
            "{reason}: {n} conversation",
            "{reason}: {n} conversations",
            len(note.items),
            reason=told_often(reason.removesuffix("."), note.count),
        )
    )
    tree_item.addChildren(
        [_row(_title(item), number_text(count) if count else "") for item, count in note.items[:_MOST]]
    )
    tree_item.addChildren(list(_left_out(len(note.items))))
    return tree_item


def _left_out(number: int) -> Iterator[QTreeWidgetItem]:
    """Yield an item with the number of notes that are not listed, if there are any."""
    if number > _MOST:
        yield _spanned(trn("… and {n} more note", "… and {n} more notes", number - _MOST))


def _title(item: ReportItem) -> str:
    return " ".join(_words(item.title).split()) or tr("Untitled")


def _words(text: str) -> str:
    """Translate Paragone's own sentences. Text from outside remains unchanged."""
    return tr(text) if isinstance(text, Phrase) else text


def _row(first: str, second: str) -> QTreeWidgetItem:
    made = QTreeWidgetItem([first, second])
    made.setToolTip(0, plain_tip(first))
    made.setToolTip(1, plain_tip(second))
    made.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{first}: {second}" if second else first)
    return made


def _spanned(text: str) -> QTreeWidgetItem:
    made = _row("", text)
    made.setText(0, text)
    made.setText(1, "")
    made.setToolTip(0, plain_tip(text))
    made.setData(0, Qt.ItemDataRole.AccessibleTextRole, text)
    return made


_SIZE = QSize(640, 460)
_ABOUT = phrase(
    "Import conversations from ChatGPT, Claude, DeepSeek, Gemini, Google AI Studio, Grok, Mistral, Open "
    "WebUI, LibreChat, Chatbox, ChatbotUI, big-AGI, Cherry Studio, Jan, LM Studio, NextChat, TypingMind, "
    "Witsy, the llm command, Paragone or Markdown files."
)


class ImportStep(Enum):
    """Steps of the dialog."""

    CHOOSING = auto()  # nothing was given yet
    LOOKING = auto()  # files are read; nothing is changed
    READY = auto()  # what would be added is shown
    RUNNING = auto()  # conversations are added; Cancel ends it after the one in hand
    DONE = auto()  # what was added is shown and can be undone
    UNDOING = auto()  # what was added is removed


class ImportDialog(QDialog):
    """Dialog for importing; open it with `open()`. `take` adds files that were dropped elsewhere."""

    imported = Signal()
    """Emitted after conversations were added, or removed again by Undo."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._importing: Importer | None = None
        self._task: asyncio.Task[None] | None = None
        self._step = ImportStep.CHOOSING
        self.area = DropArea(tr("Drop exports here: .json, .zip, .md, logs.db or a folder"), themes)
        self.report = ReportView(themes)
        self.progress = ProgressLine(tr("Import progress"))
        self._room = QWidget()
        self._summary = Paragraph("", "title")
        self._rest = Paragraph("", "muted")
        self._undo = button(tr("Undo import"), by_enter=True)
        self._other = button(tr("Choose other files…"), by_enter=True)
        self._cancel = button(tr("Cancel"), by_enter=True)
        self._go = button(tr("Import"), "primary", by_enter=True)
        self._go.setDefault(True)
        self.setWindowTitle(tr("Import conversations"))
        self.setAccessibleName(tr("Import conversations"))
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self._show(ImportStep.CHOOSING)

    @property
    def step(self) -> ImportStep:
        """Current step of the dialog."""
        return self._step

    @property
    def said(self) -> str:
        """The displayed findings, result or error."""
        return "\n".join(filter(None, (self._summary.text(), self._rest.text())))

    def take(self, paths: Sequence[Path]) -> None:
        """Preview files, unless an import is in progress."""
        if self._step in (ImportStep.RUNNING, ImportStep.UNDOING) or not paths:
            return
        self._end()
        self.report.clear()
        self._show(ImportStep.LOOKING)
        self._start(self._look(tuple(paths)), "transfer.look")

    def reject(self) -> None:
        """Stop an import in progress, or else close the dialog."""
        if self._step is ImportStep.RUNNING and self._importing is not None:
            self._importing.stop()
            self._cancel.setEnabled(False)
        elif self._step is not ImportStep.UNDOING:
            super().reject()

    def done(self, result: int) -> None:
        """Close the dialog and the files."""
        self._end()
        super().done(result)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept drags with files anywhere on the dialog."""
        if dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Preview the dropped files."""
        event.acceptProposedAction()
        self.take(dropped(event.mimeData()))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addWidget(label(tr("Import conversations"), "heading"))
        column.addSpacing(4)
        column.addWidget(Paragraph(tr(_ABOUT), "muted"))
        column.addSpacing(16)
        column.addWidget(self.area, 1)
        column.addWidget(self._summary)
        column.addSpacing(2)
        column.addWidget(self._rest)
        column.addSpacing(12)
        column.addWidget(self.progress)
        column.addWidget(self.report, 1)
        column.addWidget(self._room, 1)
        column.addSpacing(16)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._undo)
        row.addWidget(self._other)
        row.addStretch(1)
        row.addWidget(self._cancel)
        row.addWidget(self._go)
        column.addLayout(row)
        self.resize(within_screen(self, _SIZE))

    def _connect(self) -> None:
        self.area.choose.clicked.connect(self._choose)
        self.area.choose_folder.clicked.connect(self._choose_folder)
        self.area.files_dropped.connect(self.take)
        self._other.clicked.connect(self._choose)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._run)
        self._undo.clicked.connect(self._take_back)

    def _show(self, step: ImportStep) -> None:
        self._step = step
        running = step in (ImportStep.LOOKING, ImportStep.RUNNING, ImportStep.UNDOING)
        self.area.setVisible(step is ImportStep.CHOOSING)
        self.progress.setVisible(running)
        self.report.setVisible(step in (ImportStep.READY, ImportStep.DONE))
        self._room.setVisible(running)
        self._summary.setVisible(step is not ImportStep.CHOOSING)
        self._rest.setVisible(bool(self._rest.text()) and not running)
        self._go.setVisible(step in (ImportStep.READY, ImportStep.CHOOSING))
        self._go.setEnabled(False)
        self._other.setVisible(step is ImportStep.READY or (step is ImportStep.DONE and not self._can_undo))
        self._undo.setVisible(step is ImportStep.DONE and self._can_undo)
        self._cancel.setEnabled(step is not ImportStep.UNDOING)
        self._cancel.setText(tr("Close") if step is ImportStep.DONE else tr("Cancel"))
        self._cancel.setAccessibleName(self._cancel.text())
        if running:
            self.progress.show_done(0, 1)
        if step is ImportStep.LOOKING:
            self._say(tr("Reading…"))
        elif step is ImportStep.UNDOING:
            self._say(tr("Removing imported conversations…"))
        elif step is ImportStep.RUNNING:
            self._say(tr("Importing…"))

    @property
    def _can_undo(self) -> bool:
        return self._importing is not None and bool(self._importing.added)

    def _say(self, summary: str, rest: str = "", *, bad: bool = False) -> None:
        self._summary.setText(summary)
        announce(self._summary, f"{summary} {rest}")
        self._rest.setText(rest)
        self._rest.setVisible(bool(rest))
        set_role(self._rest, "role", "problem" if bad else "muted")

    def _start(self, work: Coroutine[object, object, None], name: str) -> None:
        self._task = self._tasks.start(work, name=name, failed=self._failed)

    def _end(self) -> None:
        """Cancel a preview and close the files."""
        task, importing = self._task, self._importing
        self._task = self._importing = None
        if task is not None and not task.done():
            task.cancel()
        if importing is not None:
            importing.close()

    @Slot()
    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Files to import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        exports = tr("Exports (*.json *.jsonl *.zip *.db *.md *.markdown *.html *.txt)")
        dialog.setNameFilters([exports, tr("All files (*)")])
        self._open(dialog)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Folder to import"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.filesSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(list)
    def _chosen(self, names: list[str]) -> None:
        self.take([Path(name) for name in names])

    async def _look(self, paths: tuple[Path, ...]) -> None:
        self._services.settings.policy.require_way_in()
        folder = self._services.paths.data
        rule = rule_of(self._services.settings, self._services.settings.policy.locked)
        begins = last_import.ImportRecord(folder).note
        importing = Importer(await self._services.store(), paths, begins=begins, rule=rule)
        self._importing = importing
        report = await importing.look(self.progress.show_done)
        self.report.show_report(report)
        self._say(report_text.found(report), report_text.rest(report))
        self._show(ImportStep.READY)
        self._go.setEnabled(bool(report.added))
        (self._go if report.added else self._other).setFocus()

    @Slot()
    def _run(self) -> None:
        if self._importing is not None and self._step is ImportStep.READY:
            self._show(ImportStep.RUNNING)
            self._cancel.setFocus()
            self._start(self._import(self._importing), "transfer.import")

    async def _import(self, importing: Importer) -> None:
        try:
            report = await importing.run(self._show_run)
        finally:
            if importing.added:
                self.imported.emit()
        await asyncio.to_thread(last_import.remember, self._services.paths.data, importing.added)
        self._finish(report)

    def _show_run(self, done: int, total: int) -> None:
        self.progress.show_done(done, total)
        self._say(tr("Importing… {done} of {total}", done=number_text(done), total=number_text(total)))

    def _finish(self, report: Report) -> None:
        self.report.show_report(report)
        self._say(report_text.imported(report), report_text.rest(report))
        self._show(ImportStep.DONE)
        self._cancel.setFocus()

    @Slot()
    def _take_back(self) -> None:
        if self._importing is not None:
            importing = self._importing
            self._show(ImportStep.UNDOING)
            self._start(self._undo_import(importing), "transfer.undo")

    async def _undo_import(self, importing: Importer) -> None:
        removed = await undo(await self._services.store(), importing.added, self.progress.show_done)
        await asyncio.to_thread(last_import.forget, self._services.paths.data)
        kept_count = len(importing.added) - removed
        self.imported.emit()
        self._say(
            trn("{n} conversation removed", "{n} conversations removed", removed),
            trn(
                "{n} conversation was skipped because it was continued after the import or had already been removed.",
                "{n} conversations were skipped because they were continued after the import or had "
                "already been removed.",
                kept_count,
            )
            if kept_count
            else "",
        )
        self._end()
        self.report.clear()
        self._show(ImportStep.DONE)
        self._cancel.setFocus()

    def _failed(self, error: ParagoneError) -> None:
        added = self._importing.added if self._importing is not None else ()
        kept = sum(each.state is ItemState.NEW and each.is_conversation for each in added)
        said = trn("Stopped after {n} conversation", "Stopped after {n} conversations", kept)
        self._say(said if kept else tr("Not imported"), sentence(error), bad=True)
        self._show(ImportStep.DONE)
        self._cancel.setFocus()
