"""Actions on the displayed run: pause, resume, raise the cost cap, retry errors, export and delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.domain.conversation_types import now
from desktop.domain.suite_cells import RunState
from desktop.errors import ParagoneError, TransferError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.evals.live_runs import LiveRuns
from ui.evals.opened_run import OpenedRun
from ui.evals.results_view import ResultsView
from ui.widgets.inline_question import InlineQuestion
from ui.widgets.inputs import NumberBox

if TYPE_CHECKING:
    from desktop.evals.execution.tool_outlook import ToolOutlook

ENDINGS = {".html": "html", ".csv": "csv", ".jsonl": "jsonl", ".xml": "junit", ".md": "markdown"}


class RunExport(QObject):
    """Exports a run to a file that only its owner can read, written atomically. `say` receives the outcome."""

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
        """Ask for a file. The system's dialog confirms overwriting."""
        if not self._services.settings.policy.get(EXPORT):
            self._say(tr("Your organization does not allow exporting."))
            return
        self._run_id = run_id
        kinds = ";;".join(
            (
                tr("Web page (*.html)"),
                tr("Markdown (*.md)"),
                tr("One row per response (*.csv)"),
                tr("One line per response (*.jsonl)"),
                tr("JUnit for CI servers (*.xml)"),
            )
        )
        dialog = QFileDialog(parent, tr("Run report"), f"{_plain(name)}.html", kinds)
        dialog.setDefaultSuffix("html")  # so that the dialog asks about the very file that is written

        def chosen(kind: str) -> None:
            dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")"))

        dialog.filterSelected.connect(chosen)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._named)
        dialog.open()

    def write(self, run_id: str, path: Path) -> None:
        """Write the run in the format that the file's suffix stands for."""
        self._tasks.start(self._write(run_id, path), name="runs.export", failed=self._fail)

    @Slot(str)
    def _named(self, name: str) -> None:
        self.write(self._run_id, Path(name))

    async def _write(self, run_id: str, path: Path) -> None:
        from desktop.evals.execution.kept_results import read_results
        from desktop.reports.ranking_html import PageWords
        from desktop.reports.run_report import RunReportFormat, facts_of, report_of, write_report
        from desktop.transfer.export import export_writer

        self._services.settings.policy.require(EXPORT)
        if (form := ENDINGS.get(path.suffix.lower())) is None:
            raise TransferError(
                phrase("{file} does not have a supported file extension.", file=path.name),
                hint=phrase("Supported extensions: {endings}.", endings=", ".join(ENDINGS)),
            )
        store = await self._services.store()
        store.safety.require_other(path)
        kept = await read_results(store, run_id)
        words = PageWords(QLocale().bcp47Name(), QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft, tr)
        facts = facts_of(kept, at=now().astimezone(), version=self._services.version)
        pieces: list[str] = []

        def told(done: int, of: int) -> None:
            self._say_well(tr("{done} of {of} cases written", done=done, of=of))

        await write_report(report_of(RunReportFormat(form), facts, words), store.suite_runs, pieces.append, told)
        await asyncio.to_thread(export_writer.write_bytes, path, (piece.encode() for piece in pieces))
        self._say_well(tr("Saved: {file}", file=path))

    def _fail(self, error: ParagoneError) -> None:
        self._say(strings.sentence(error))


def _plain(name: str) -> str:
    """Return a run's name with all characters replaced that file names should not contain."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in name)[:80].strip() or "run"


_MOST_CAP = 10_000.0
_LONGEST_NAME = 200


class RunActions(QObject):
    """Runs the actions of the page, after a question in the page before anything is spent or deleted."""

    deleted = Signal()

    def __init__(self, services: Services, tasks: Tasks, live: LiveRuns, results: ResultsView) -> None:
        super().__init__(results)
        self._services, self._tasks, self._live, self._results = services, tasks, live, results
        self.question = InlineQuestion(tr("Question about the run"))
        head = results.head
        self._asked_by = head.delete
        head.pause_wanted.connect(self._pause)
        head.resume_wanted.connect(self._resume)
        head.retry_wanted.connect(self._retry)
        head.delete_wanted.connect(self._ask_to_delete)
        head.report_wanted.connect(self._ask_for_report)
        self._export = RunExport(services, tasks, head.say, partial(head.say, well=True))

    @property
    def _shown(self) -> str:
        """ID of the displayed run, or an empty string."""
        return self._results.run.id if self._results.run is not None else ""

    @Slot()
    def put_off(self) -> None:
        """Close the question without acting and give the focus back."""
        self.question.clear()
        self._asked_by.setFocus()

    @Slot()
    def _pause(self) -> None:
        self._live.pause(self._shown)
        self._results.head.say(tr("Requests already sent will still be completed."), well=True)

    @Slot()
    def _resume(self) -> None:
        """Resume the run. If it reached its cap, ask for a higher one; if prices are unknown, warn first."""
        run, progress = self._results.run, self._results.progress
        if run is None or progress is None:
            return
        if progress.cap is not None and progress.state is RunState.CAPPED:
            self._ask_for_cap(run.id, progress.cap)
        elif progress.cap is not None and not run.record.unknown_prices and (unknown := self._unpriced(run)):
            self._ask_about_prices(run.id, unknown)
        else:
            self._go_on(run.id)

    def _unpriced(self, run: OpenedRun) -> str:
        """Return the names of models whose prices are unknown, or an empty string."""
        from desktop.evals.execution.cap_ledger import has_price
        from desktop.evals.execution.run_entries import entries
        from desktop.evals.execution.run_plan import models_of

        entry_of = entries(self._services.gateway, self._services.catalog)
        models = models_of(run.suite) if run.suite is not None else ()
        return ", ".join(str(model) for model in models if not has_price(entry_of(model)))

    def _ask_about_prices(self, run_id: str, names: str) -> None:
        self._asked_by = self._results.head.resume
        self.question.ask(
            tr("The cost cap does not cover every model"),
            (tr("There is no known price for {names}.", names=names),),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Run anyway"), "primary", lambda: self._allow_now(run_id)),
            ),
        )

    def _allow_now(self, run_id: str) -> None:
        self.question.clear()
        self._tasks.start(self._allowed(run_id), name="runs.allow", failed=self._fail)

    async def _allowed(self, run_id: str) -> None:
        await (await self._services.store()).suite_runs.allow_unknown_prices(run_id)
        self._go_on(run_id)

    def _ask_for_cap(self, run_id: str, before: float) -> None:
        cap = NumberBox(0, _MOST_CAP, decimals=2, unit="USD")
        cap.setAccessibleName(tr("Cap"))
        cap.setFixedWidth(140)
        cap.setValue(before * 2 or 1.0)
        cap.lineEdit().returnPressed.connect(lambda: self._raise_cap(run_id, cap.value()))
        self._asked_by = self._results.head.resume
        self.question.ask(
            tr("The run has reached its cost cap"),
            (tr("Total cost cap"),),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Raise cap and resume"), "primary", lambda: self._raise_cap(run_id, cap.value())),
            ),
            cap,
        )

    def _raise_cap(self, run_id: str, cap: float) -> None:
        self.question.clear()
        self._tasks.start(self._raised(run_id, cap), name="runs.cap", failed=self._fail)

    async def _raised(self, run_id: str, cap: float) -> None:
        await (await self._services.store()).suite_runs.set_cap(run_id, cap)
        self._go_on(run_id)

    def _go_on(self, run_id: str, *, again: bool = False) -> None:
        """Execute the run, retrying errors if `again`. Asks first if parameters affect routing."""
        from desktop.evals.execution.run_callers import unlisted_sentences

        run = self._results.run
        suite = run.suite if run is not None and run.id == run_id else None
        listed = unlisted_sentences(suite) if suite is not None else ()
        if not listed:
            self._begin(run_id, again=again)
            return
        self._asked_by = self._results.head.resume
        self.question.ask(
            tr("Send these parameters?"),
            tuple(map(tr, listed)),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Send"), "primary", lambda: self._begin(run_id, again=again, allow_parameters=True)),
            ),
        )

    def _begin(self, run_id: str, *, again: bool, allow_parameters: bool = False) -> None:
        self.question.clear()
        self._results.head.say("")
        begun = self._begun(run_id, again=again, allow_parameters=allow_parameters)
        self._tasks.start(begun, name="runs.begin", failed=self._fail)

    def _ask_about_tools(self, outlook: ToolOutlook, begin: Callable[[frozenset[str]], None]) -> None:
        """Ask which tools a run may use that was started elsewhere, since nobody is asked while it runs."""
        from desktop.evals.execution.tool_outlook import outlook_sentences

        self._asked_by = self._results.head.resume
        self.question.ask(
            tr("Allow these tools during this run?"),
            tuple(map(tr, outlook_sentences(outlook))),
            (
                (tr("Cancel"), "", self.put_off),
                (tr("Do not allow"), "", lambda: begin(frozenset())),
                (tr("Allow"), "primary", lambda: begin(frozenset((*outlook.denied, *outlook.unseen)))),
            ),
        )

    async def _tools_to_allow(self, run_id: str) -> ToolOutlook | None:
        """Return the tools that the user was not asked about yet; None if there are none."""
        run = self._results.run
        if run is None or run.id != run_id or run.record.tools_from or self._live.has_asked(run_id):
            return None
        await run.suite_read.wait()
        if run.suite is None or not run.suite.tools.servers:
            return None
        from desktop.evals.execution.tool_outlook import tool_outlook

        outlook = await tool_outlook(self._services.tools, run.suite)
        return outlook if outlook.denied or outlook.unseen else None

    async def _begun(self, run_id: str, *, again: bool, allow_parameters: bool) -> None:
        if (outlook := await self._tools_to_allow(run_id)) is None:
            await self._executed(run_id, again=again, allow_parameters=allow_parameters)
            return

        def begin(allowed: frozenset[str]) -> None:
            self.question.clear()
            executed = self._executed(run_id, again=again, allow_parameters=allow_parameters, allowed_tools=allowed)
            self._tasks.start(executed, name="runs.begin", failed=self._fail)

        self._ask_about_tools(outlook, begin)

    async def _executed(
        self, run_id: str, *, again: bool, allow_parameters: bool, allowed_tools: frozenset[str] | None = None
    ) -> None:
        if again:
            await (await self._services.store()).suite_runs.forget_errors(run_id)
        self._live.start(run_id, allow_parameters=allow_parameters, allowed_tools=allowed_tools)

    @Slot()
    def _ask_for_report(self) -> None:
        if (run := self._results.run) is not None:
            self._export.ask_where(self._results, run.id, run.record.name)

    @Slot()
    def _retry(self) -> None:
        self._go_on(self._shown, again=True)

    @Slot()
    def _ask_to_delete(self) -> None:
        run_id, run = self._shown, self._results.run
        name = " ".join(run.record.name.split())[:_LONGEST_NAME] if run is not None else ""
        self._asked_by = self._results.head.delete
        self.question.ask(
            tr("Delete this run?"),
            (name, tr("All responses in this run will be deleted. You cannot undo this.")),
            (
                (tr("Delete"), "danger", lambda: self._delete_now(run_id)),
                (tr("Cancel"), "", self.put_off),
            ),
        )

    def _delete_now(self, run_id: str) -> None:
        self.question.clear()
        self._tasks.start(self._delete(run_id), name="runs.delete", failed=self._fail)

    async def _delete(self, run_id: str) -> None:
        await (await self._services.store()).suite_runs.delete(run_id)
        self.deleted.emit()

    def _fail(self, error: ParagoneError) -> None:
        self._results.head.say(strings.sentence(error))
