"""Keeps own presets and passes them on: written on a thread, what came of it told in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.phrases import phrase
from desktop.presets.preset import Preset
from desktop.presets.presets import Presets
from ui.strings import tr, trn
from ui.tasks import Tasks
from ui.widgets.labels import within_sentence

_FILTERS = phrase("Presets (*.toml *.json);;All files (*)")

T = TypeVar("T")


class PresetKeeper(QObject):
    """Changes of one user's presets."""

    kept = Signal(str, object)
    """A sentence, and the Preset that is new or changed, or None."""
    removed = Signal(object)
    """The Preset, to bring back with `keep`."""
    told = Signal(str)
    """Nothing changed here: what came of it, in a sentence."""
    failed = Signal(object)
    """The ParagoneError."""

    def __init__(self, presets: Presets, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._presets = presets
        self._tasks = tasks

    def keep(self, preset: Preset) -> None:
        """Change an own preset or bring it back; one without an id is added."""

        def keep() -> Preset:
            """On a thread: the preset as it is kept, with its id."""
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
            """Say how many they were and what was left out, and choose the first."""
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
        """Ask which file to import."""
        dialog = QFileDialog(parent, tr("Import presets"), "", tr(_FILTERS))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._open(dialog, self.import_file)

    def ask_export(self, parent: QWidget, presets: Sequence[Preset]) -> None:
        """Ask where presets go."""
        dialog = QFileDialog(parent, tr("Export presets"), "presets.toml", tr(_FILTERS))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        self._open(dialog, lambda path: self.export_file(path, presets))

    def _open(self, dialog: QFileDialog, then: Callable[[Path], None]) -> None:
        def chosen(name: str) -> None:
            """A file was chosen in the dialog."""
            then(Path(name))

        dialog.fileSelected.connect(chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _start(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        async def run() -> None:
            """Presets are read and written on a thread; what follows is shown on the loop."""
            done(await asyncio.to_thread(work))

        self._tasks.start(run(), name="presets", failed=self.failed.emit)
