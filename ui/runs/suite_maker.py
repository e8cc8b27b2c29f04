"""A suite on its way to a run: written in the form or as text, read from a file, estimated, and started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain import JsonValue
from desktop.errors import ParagoneError, UsageError
from desktop.phrases import phrase
from desktop.runs.suite import Suite
from desktop.services import Services
from ui import strings
from ui.model_facts import ModelFacts
from ui.runs.start_panel import StartPanel
from ui.runs.suite_editor import SuiteEditor
from ui.runs.suite_form import SuiteForm
from ui.strings import tr
from ui.tasks import Tasks
from ui.theme import Themes

_LONGEST_SHOWN, _MOST_LINES = 1 << 20, 50_000
"""Characters, and lines, of a suite that is shown as text: of a great one the window would stand still for seconds."""


class SuiteMaker(QWidget):
    """`started` gives the id of a run that is planned and kept; nothing of it was asked yet."""

    started = Signal(str)
    left = Signal()

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self._facts = ModelFacts(services)
        self._suite: Suite | None = None
        self._file = "suite.yaml"
        self._warned = ""
        self._folder: Path | None = None
        self._came_from: QWidget | None = None
        self._planning: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._stack = QStackedWidget(self)
        self.form = SuiteForm(tasks, self._stack)
        self.editor = SuiteEditor(themes, self._stack)
        self.start = StartPanel(self._stack)
        for each in (self.form, self.editor, self.start):
            self._stack.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()

    def make(self, data: Mapping[str, JsonValue]) -> None:
        """Show the form, with what is given; with what was written there last, and not begun, where nothing is."""
        self._folder = None
        self.form.offer([str(each) for each in self._facts.known()])
        if data or not self.form.is_begun:
            self.form.show_data(data)
        self._stack.setCurrentWidget(self.form)
        self.form.focus()

    def open(self, path: Path) -> None:
        """Read a suite's file; where it is none its text is shown with what is wrong."""
        if self._opening is not None:
            self._opening.cancel()
        self._file, self._folder = path.name, path.parent
        self._opening = self._tasks.start(self._open(path), name="runs.suite", failed=self._fail)

    def ask_for_file(self, parent: QWidget, chosen: Callable[[Path], None]) -> None:
        """Let the user name a suite's file, for whoever opens it."""
        dialog = QFileDialog(parent, tr("Open a suite"), "", tr("Suites (*.yaml *.yml *.toml *.json)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def named(name: str) -> None:
            """A file was named."""
            chosen(Path(name))

        dialog.fileSelected.connect(named)
        dialog.open()

    async def _open(self, path: Path) -> None:
        from desktop.runs.suite_file import suite_of_text, text_of_suite

        text = await asyncio.to_thread(text_of_suite, path)
        if len(text) > _LONGEST_SHOWN or text.count("\n") > _MOST_LINES:
            await self._offer(await asyncio.to_thread(suite_of_text, text, path), self.editor)
            return
        self.editor.show_text(text)
        self._stack.setCurrentWidget(self.editor)
        self.editor.field.setFocus()
        await self._read_text()

    @Slot()
    def _go_on_from_form(self) -> None:
        self._tasks.start(self._read_form(), name="runs.form", failed=self.form.fail)

    async def _read_form(self) -> None:
        await self._offer(await self._formed(), self.form)

    async def _formed(self) -> Suite:
        from desktop.runs.suite_file import suite_of

        return await asyncio.to_thread(suite_of, self.form.data(), file=tr("The suite"))

    @Slot()
    def _go_on_from_text(self) -> None:
        self._tasks.start(self._read_text(), name="runs.text", failed=self.editor.fail)

    async def _read_text(self) -> None:
        from desktop.runs.suite_file import suite_of_text

        path = (self._folder or Path()) / self._file
        try:
            suite = await asyncio.to_thread(suite_of_text, self.editor.text, path)
        except ParagoneError as error:
            self.editor.fail(error)
            return
        self.editor.clear()
        await self._offer(suite, self.editor)

    async def _offer(self, suite: Suite, came_from: QWidget) -> None:
        from desktop.runs.run_entries import entries
        from desktop.runs.run_estimate import estimate, power_sentences

        entry_of = entries(self._services.gateway, self._services.catalog)
        found = await asyncio.to_thread(estimate, suite, entry_of)
        self._suite, self._came_from = suite, came_from
        self.start.show_estimate(suite, found, power_sentences(found))
        self._stack.setCurrentWidget(self.start)
        self.start.focus()

    @Slot()
    def _edit_text(self) -> None:
        self._tasks.start(self._as_text(), name="runs.as_text", failed=self.form.fail)

    async def _as_text(self) -> None:
        from desktop.runs.suite_file import suite_yaml

        suite = await self._formed()
        self._file, self._folder = "suite.yaml", None
        self.editor.show_text(await asyncio.to_thread(suite_yaml, suite))
        self._stack.setCurrentWidget(self.editor)
        self.editor.field.setFocus()

    @Slot()
    def _start(self) -> None:
        if self._planning is not None and not self._planning.done():
            return  # a second click is no second run
        self._planning = self._tasks.start(
            self._plan(), name="runs.plan", failed=lambda error: self.start.say(strings.sentence(error))
        )

    def _fail_to_start(self, error: ParagoneError) -> None:
        self.start.say(strings.sentence(error))

    async def _plan(self) -> None:
        from desktop.runs.run_callers import demand_parameters
        from desktop.runs.run_plan import chosen, models_of, new_run

        if self._suite is None:
            return
        allowed = self.start.parameters.isChecked()
        demand_parameters(self._suite, self._services.settings.policy, allowed=allowed)
        limits = msgspec.structs.replace(self._suite.limits, cost_usd=self.start.cap_usd)
        for model in models_of(self._suite):
            self._services.settings.connection(model.connection)  # what is not there is told before anything is paid
        suite = chosen(msgspec.structs.replace(self._suite, limits=limits))
        run = await asyncio.to_thread(new_run, suite, unknown_prices=self.start.unknown.isChecked())
        await (await self._services.store()).suite_runs.create(run)
        if self._came_from is self.form:
            self.form.is_begun = False  # the next one is another
        self.started.emit(run.id)

    @Slot()
    def _back_from_start(self) -> None:
        self._stack.setCurrentWidget(self._came_from or self.form)

    @Slot()
    def _back_from_text(self) -> None:
        """To the form it was made in, which takes what was changed; a file's text has none.

        What would be lost is said first, and once more goes.
        """
        text = self.editor.text
        if self._folder is None and self.editor.is_changed and text != self._warned:
            self._tasks.start(self._text_to_form(text), name="runs.to_form", failed=self._warn)
        elif self._folder is None:
            self._stack.setCurrentWidget(self.form)
            self.form.focus()
        elif self.editor.is_changed and text != self._warned:
            self._warn(UsageError(phrase("Your changes are not saved. Go back again to discard them.")))
        else:
            self.left.emit()

    def _warn(self, error: ParagoneError) -> None:
        self._warned = self.editor.text
        self.editor.fail(error)

    async def _text_to_form(self, text: str) -> None:
        """Raises UsageError for what is no suite, or one that the form cannot show."""
        from desktop.runs.suite_file import suite_of_text
        from desktop.runs.suite_yaml import table_of

        table = await asyncio.to_thread(lambda: table_of(suite_of_text(text, Path(self._file))))
        if not all(isinstance(each, str) for each in table.get("prompts", [])):
            raise UsageError(
                phrase("The form cannot show prompts with several turns. Go back again to discard the text.")
            )
        self.form.show_data(table)
        self._stack.setCurrentWidget(self.form)
        self.form.focus()

    @Slot()
    def _save(self) -> None:
        dialog = QFileDialog(self, tr("Save the suite"), self._file, tr("Suites (*.yaml)"))
        dialog.setDefaultSuffix("yaml")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    @Slot(str)
    def save(self, name: str) -> None:
        """Write the text to a file."""
        self._tasks.start(self._write(Path(name)), name="runs.save", failed=self.editor.fail)

    async def _write(self, path: Path) -> None:
        from desktop.transfer import export_writer

        text = self.editor.text
        await asyncio.to_thread(export_writer.write_bytes, path, [text.encode("utf-8", "replace")])
        self.editor.keep(text)

    def _fail(self, error: ParagoneError) -> None:
        self._stack.setCurrentWidget(self.editor)
        self.editor.fail(error)

    def step_back(self) -> None:
        """One step back, as the button of each step does."""
        at = self._stack.currentWidget()
        if at is self.start:
            self._back_from_start()
        elif at is self.editor:
            self._back_from_text()
        else:
            self.left.emit()

    def _connect(self) -> None:
        self.form.go_on.connect(self._go_on_from_form)
        self.form.text_wanted.connect(self._edit_text)
        self.form.left.connect(self.left)
        self.editor.go_on.connect(self._go_on_from_text)
        self.editor.left.connect(self._back_from_text)
        self.editor.save_wanted.connect(self._save)
        self.start.started.connect(self._start)
        self.start.left.connect(self._back_from_start)
