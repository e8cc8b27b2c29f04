"""A run's report written to a file: a page, a table, lines or JUnit's XML, by the name's ending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.domain import now
from desktop.errors import ParagoneError, TransferError
from desktop.phrases import phrase
from desktop.services import Services
from desktop.settings.policy import EXPORT
from ui import strings
from ui.strings import tr
from ui.tasks import Tasks

ENDINGS = {".html": "html", ".csv": "csv", ".jsonl": "jsonl", ".xml": "junit"}


class RunExport(QObject):
    """Asks for a place and writes there: whole or not at all, for its owner alone. What became of it goes to `say`."""

    def __init__(
        self, services: Services, tasks: Tasks, say: Callable[[str], None], say_well: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._services = services
        self._tasks = tasks
        self._say = say
        self._say_well = say_well
        self._run_id = ""

    def ask_where(self, parent: QWidget, run_id: str, name: str) -> None:
        """Let the user name a file; the system's own dialog asks before it takes one that is there."""
        if not self._services.settings.policy.get(EXPORT):
            self._say(tr("Exporting is not allowed here."))
            return
        self._run_id = run_id
        kinds = ";;".join(
            (
                tr("Web page (*.html)"),
                tr("One row per response (*.csv)"),
                tr("One line per response (*.jsonl)"),
                tr("JUnit for CI servers (*.xml)"),
            )
        )
        dialog = QFileDialog(parent, tr("Report of the run"), f"{_plain(name)}.html", kinds)
        dialog.setDefaultSuffix("html")  # so that the dialog asks about the very file that is written

        def chosen(kind: str) -> None:
            """Another kind of file is wanted."""
            dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")"))

        dialog.filterSelected.connect(chosen)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._named)
        dialog.open()

    def write(self, run_id: str, path: Path) -> None:
        """Write what a file's ending asks for."""
        self._tasks.start(self._write(run_id, path), name="runs.export", failed=self._fail)

    @Slot(str)
    def _named(self, name: str) -> None:
        self.write(self._run_id, Path(name))

    async def _write(self, run_id: str, path: Path) -> None:
        from desktop.runs.kept_results import read_results
        from desktop.runs.reports.run_report import RunReportFormat, facts_of, report_of, write_report
        from desktop.transfer import export_writer
        from desktop.voting.ranking_html import PageWords

        self._services.settings.policy.demand(EXPORT)
        if (form := ENDINGS.get(path.suffix.lower())) is None:
            raise TransferError(
                phrase("{file} has no supported file extension.", file=path.name),
                hint=phrase("Supported extensions: {endings}.", endings=", ".join(ENDINGS)),
            )
        store = await self._services.store()
        store.safety.demand_other(path)
        kept = await read_results(store, run_id)
        words = PageWords(QLocale().bcp47Name(), QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft, tr)
        facts = facts_of(kept, at=now().astimezone(), version=self._services.version)
        pieces: list[str] = []

        def told(done: int, of: int) -> None:
            """Some cases are written."""
            self._say_well(tr("{done} of {of} cases written", done=done, of=of))

        await write_report(report_of(RunReportFormat(form), facts, words), store.suite_runs, pieces.append, told)
        await asyncio.to_thread(export_writer.write_bytes, path, (piece.encode() for piece in pieces))
        self._say_well(tr("Saved: {file}", file=path))

    def _fail(self, error: ParagoneError) -> None:
        self._say(strings.sentence(error))


def _plain(name: str) -> str:
    """A run's name as that of a file."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in name)[:80].strip() or "run"
