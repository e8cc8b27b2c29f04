"""Popover for choosing, filling in, saving and sharing presets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from desktop.domain.conversation_types import Conversation
from desktop.errors import ParagoneError
from desktop.presets.preset import Applied, Preset
from desktop.presets.presets import Presets
from desktop.services import Services
from desktop.settings.schema import SYSTEM_PROMPT
from desktop.text.phrases import phrase
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.presets.list_page import ListPage
from ui.presets.preset_list import PresetLine
from ui.presets.preset_pages import EditPage, FillPage
from ui.widgets.labels import within_sentence
from ui.widgets.popover import Popover

_FILTERS = phrase("Presets (*.toml *.json);;All files (*)")

T = TypeVar("T")


class PresetKeeper(QObject):
    """Saves, removes, imports and exports the user's presets."""

    kept = Signal(str, object)
    """Emitted with a sentence and the Preset that was added or changed, or None."""
    removed = Signal(object)
    """Emitted with a Preset that was removed; `keep` restores it."""
    told = Signal(str)
    """Emitted with a sentence about an action that changed no preset."""
    failed = Signal(object)
    """Emitted with the ParagoneError if an action failed."""

    def __init__(self, presets: Presets, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._presets = presets
        self._tasks = tasks

    def keep(self, preset: Preset) -> None:
        """Save a changed preset, restore a removed one, or add a preset that has no ID."""

        def keep() -> Preset:
            """Store the preset and return it with its ID; runs in a thread."""
            if not preset.id:
                return self._presets.add(preset)
            self._presets.put(preset)
            return preset

        self._start(
            keep, lambda done: self.kept.emit(tr("“{title}” was saved.", title=within_sentence(done.title)), done)
        )

    def remove(self, preset: Preset) -> None:
        """Remove an own preset."""
        self._start(lambda: self._presets.remove(preset), lambda _: self.removed.emit(preset))

    def import_file(self, path: Path) -> None:
        """Add the presets of a file."""

        def added(result: tuple[tuple[Preset, ...], tuple[str, ...]]) -> None:
            """Report how many presets were added and what was lost, and select the first one."""
            presets, notices = result
            self.kept.emit(
                " ".join((trn("{n} preset added.", "{n} presets added.", len(presets)), *map(tr, notices))), presets[0]
            )

        self._start(lambda: self._presets.import_file(path), added)

    def export_file(self, path: Path, presets: Sequence[Preset]) -> None:
        """Write presets to a file."""
        said = trn("{n} preset saved to {file}.", "{n} presets saved to {file}.", len(presets), file=path.name)
        self._start(lambda: self._presets.export_file(path, presets), lambda _: self.told.emit(said))

    def ask_import(self, parent: QWidget) -> None:
        """Ask for the file to import."""
        dialog = QFileDialog(parent, tr("Import presets"), "", tr(_FILTERS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._open(dialog, self.import_file)

    def ask_export(self, parent: QWidget, presets: Sequence[Preset]) -> None:
        """Ask for the file to export to."""
        dialog = QFileDialog(parent, tr("Export presets"), "presets.toml", tr(_FILTERS))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        self._open(dialog, lambda path: self.export_file(path, presets))

    def _open(self, dialog: QFileDialog, then: Callable[[Path], None]) -> None:
        def chosen(name: str) -> None:
            then(Path(name))

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _start(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        async def run() -> None:
            """Work in a thread, then show the result in the window's thread."""
            done(await asyncio.to_thread(work))

        self._tasks.start(run(), name="presets", failed=self.failed.emit)


WIDTH, HEIGHT = 440, 426
_GAP = 4
_EDGE = 8


class PresetPopover(Popover):
    """Popover with three pages: the list, the variables of a preset, and the editor for the user's presets."""

    chosen = Signal(object, object)
    """Emitted with a Preset and its values, or with None and an empty mapping to use no preset."""
    changed = Signal()
    """Emitted after the user's presets have changed."""

    def __init__(self, services: Services, tasks: Tasks, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Preset"), parent)
        self._services = services
        self._conversation: Conversation | None = None
        self._applied: Applied | None = None
        self._removed: Preset | None = None
        self.setFixedWidth(WIDTH)
        self.tall = HEIGHT
        self.keeping = PresetKeeper(services.presets, tasks, self)
        self.list = ListPage(theme)
        self.fill = FillPage()
        self.edit = EditPage()
        self._pages = QStackedWidget()
        for page in (self.list, self.fill, self.edit):
            self._pages.addWidget(page)
        self.column.addWidget(self._pages)
        self._connect()
        self.themed(theme)

    def choose(self, control: QWidget, conversation: Conversation) -> None:
        """Open the popover above a control for a conversation, marking the preset in use."""
        self._conversation = conversation
        self.list.save.setEnabled(bool(conversation.system.strip()))
        self._say("")
        self._show_list()
        self.open_at(control, right=not control.isLeftToRight())
        above = control.mapTo(self.window(), QPoint(0, -self.height() - _GAP))
        self.move(self.x(), max(above.y(), _EDGE))
        self.list.search.setFocus()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        for page in (self.list, self.fill, self.edit):
            page.themed(theme)

    def _connect(self) -> None:
        self.list.taken.connect(self.take)
        self.list.save_wanted.connect(self._save_as)
        self.list.undo_wanted.connect(self._bring_back)
        self.list.edit_wanted.connect(self._edit_current)
        self.list.remove_wanted.connect(self._remove_current)
        self.list.import_wanted.connect(self._import)
        self.list.export_wanted.connect(self._export_current)
        self.list.export_own_wanted.connect(self._export_own)
        self.fill.filled_in.connect(self._choose)
        self.fill.back_wanted.connect(self._back)
        self.edit.edited.connect(self.keeping.keep)
        self.edit.back_wanted.connect(self._back)
        self.keeping.kept.connect(self._kept)
        self.keeping.removed.connect(self._gone)
        self.keeping.told.connect(self._say)
        self.keeping.failed.connect(self._failed)

    def _show_list(self, selected: Preset | None = None) -> None:
        system = self._conversation.system if self._conversation else ""
        presets = self._services.presets
        self._applied = presets.applied(system)
        used = self._applied.preset.id if self._applied else ""
        default = self._services.settings.get(SYSTEM_PROMPT).strip()
        none = PresetLine(None, tr("None"), tr("System prompt from settings") if default else tr("No system prompt"))
        lines = [
            PresetLine(each, tr(each.title), tr(each.description), own=presets.is_own(each), used=each.id == used)
            for each in presets.all
        ]
        self._turn_to(self.list, self.list.search)
        self.list.show_lines([none, *lines], selected)

    @Slot(object)
    def take(self, preset: Preset | None) -> None:
        """Choose a preset, asking for its variables first."""
        if preset is None or not preset.variables:
            self._choose(preset, {})
            return
        same = self._applied is not None and self._applied.preset == preset
        self.fill.show_preset(preset, self._applied.values if same and self._applied else {})
        self._turn_to(self.fill, self.fill.first)

    @Slot(object, object)
    def _choose(self, preset: Preset | None, values: dict[str, str]) -> None:
        self.hide()
        self.chosen.emit(preset, values)

    @Slot()
    def _back(self) -> None:
        self._turn_to(self.list, self.list.search)

    @Slot()
    def _save_as(self) -> None:
        if self._conversation is not None:
            conversation = self._conversation
            servers = conversation.tools.servers
            made = Preset(
                id="", title="", system=conversation.system, parameters=conversation.parameters, tools=servers
            )
            self._open_edit(made)

    @Slot()
    def _edit_current(self) -> None:
        preset = self._current
        if preset is not None:
            self._open_edit(preset)

    @Slot()
    def _remove_current(self) -> None:
        preset = self._current
        if preset is not None:
            self.keeping.remove(preset)

    @Slot()
    def _bring_back(self) -> None:
        if self._removed is not None:
            self.keeping.keep(self._removed)

    @Slot()
    def _import(self) -> None:
        self.keeping.ask_import(self)

    @Slot()
    def _export_current(self) -> None:
        preset = self._current
        if preset is not None:
            self.keeping.ask_export(self, [preset])

    @Slot()
    def _export_own(self) -> None:
        self.keeping.ask_export(self, self._services.presets.own)

    @Slot(str, object)
    def _kept(self, text: str, preset: Preset) -> None:
        self._changed(preset)
        self._say(text)

    @Slot(object)
    def _gone(self, preset: Preset) -> None:
        self._changed()
        self._removed = preset
        self.list.say(tr("“{title}” was removed.", title=within_sentence(tr(preset.title))), undo=True)

    @Slot(str)
    def _say(self, text: str) -> None:
        self.list.say(text)

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        """Show an error on the page where it occurred."""
        if self._pages.currentWidget() is self.edit:
            self.edit.say(sentence(error), bad=True)
        else:
            self._turn_to(self.list, self.list.search)
            self.list.say(sentence(error), bad=True)

    @property
    def _current(self) -> Preset | None:
        line = self.list.current
        return line.preset if line is not None else None

    def _open_edit(self, preset: Preset) -> None:
        self.edit.show_preset(preset)
        self._turn_to(self.edit, self.edit.name)
        self.edit.name.selectAll()

    def _changed(self, preset: Preset | None = None) -> None:
        """Show the updated list with a preset selected."""
        self._show_list(preset)
        self.changed.emit()

    def _turn_to(self, page: QWidget, field: QWidget) -> None:
        """Show a page with the focus in a field. Without focus inside it, the popover would close."""
        if not self.isVisible():
            self._pages.setCurrentWidget(page)
            return
        self.setFocus()
        self._pages.setCurrentWidget(page)
        field.setFocus(Qt.FocusReason.TabFocusReason)  # which selects what is in it
