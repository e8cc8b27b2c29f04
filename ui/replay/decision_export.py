"""Exports a replay's report to a file that the user names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.errors import ParagoneError
from desktop.replay.replay_results import ReplayResults
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.transfer.page_words import is_letter, page_words

FORMATS = {
    "html": (phrase("Web page"), phrase("Web page (*.html)")),
    "pdf": (phrase("PDF"), phrase("PDF (*.pdf)")),
    "md": (phrase("Markdown"), phrase("Markdown (*.md)")),
    "json": (phrase("JSON"), phrase("JSON (*.json)")),
}
"""Formats by file extension, each with its name in the menu and in the dialog."""


class DecisionExport(QObject):
    """Asks for a file and writes the report. `say` receives the outcome, and whether it went well."""

    def __init__(self, services: Services, tasks: Tasks, say: Callable[[str, bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._say = services, tasks, say

    @property
    def is_allowed(self) -> bool:
        """Whether policy allows exports."""
        return self._services.settings.policy.get(EXPORT)

    def ask_where(self, parent: QWidget, results: ReplayResults, extension: str) -> None:
        """Ask for a file of a format; the system's dialog confirms overwriting."""
        _, kind = FORMATS[extension]
        dialog = QFileDialog(parent, tr("Report of the replay"), f"{_plain(results.name)}.{extension}", tr(kind))
        dialog.setDefaultSuffix(extension)  # so that the dialog asks about the very file that is written
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._named, results, extension))
        dialog.open()

    @Slot(str)
    def _named(self, results: ReplayResults, extension: str, name: str) -> None:
        writing = self._write(results, extension, Path(name))
        self._tasks.start(writing, name="replay.export", failed=self._fail)

    async def _write(self, results: ReplayResults, extension: str, path: Path) -> None:
        from desktop.reports.replay_report import ReplayReportFormat, read_report
        from desktop.transfer.export.replay_export import write_report

        self._services.settings.policy.require(EXPORT)
        store = await self._services.store()
        store.safety.require_other(path)
        self._say(tr("Exporting…"), True)  # noqa: FBT003 - as the callback says
        services, form = self._services, ReplayReportFormat(extension)
        report = await read_report(store, results, version=services.version, words=page_words())
        await write_report(report, form, path, paper_command=services.paper_command, letter=is_letter())
        self._say(tr("Saved: {file}", file=path), True)  # noqa: FBT003 - as the callback says

    def _fail(self, error: ParagoneError) -> None:
        self._say(strings.sentence(error), False)  # noqa: FBT003 - as the callback says


def _plain(name: str) -> str:
    """Return a replay's name as a file name."""
    return "".join(letter if letter.isalnum() or letter in " -_." else "-" for letter in name)[:80].strip() or "replay"
