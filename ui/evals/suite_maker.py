"""Steps from a suite to a run: edit it in the form or as text, or load a file; estimate and start it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontDatabase, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import RunRecord, RunState
from desktop.domain.tool_types import BUILT_IN
from desktop.errors import ParagoneError, PolicyForbids, UsageError
from desktop.evals.execution.run_callers import unlisted_sentences
from desktop.evals.execution.run_estimate import RunEstimate, cap_sentence
from desktop.evals.suites.suite import Suite
from desktop.services import Services
from desktop.text.phrases import Phrase, phrase
from ui.base import strings
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes, mixed
from ui.evals.cell_text import money
from ui.evals.suite_form import SuiteForm
from ui.evals.suite_tools import ToolStart
from ui.widgets.buttons import button
from ui.widgets.inputs import NumberBox, TickBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

_MOST_CAP = 10_000.0


class StartPanel(QWidget):
    """Panel that shows the estimate of a run and starts it."""

    started = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Before the run"))
        self._title = label("", "heading")
        self._said = Paragraph("", "")
        self._table = RowsTable(tr("Estimate by contender"), ("",))
        self.parameters = TickBox(tr("Send these parameters"))
        self._listed = Paragraph("", "warn")
        self.tools = ToolStart()
        self._slow = Paragraph("", "muted")
        self._found: RunEstimate | None = None
        self._problem = Paragraph("", "warn")
        self._problem.hide()
        self.capped = TickBox(tr("Cost cap"))
        self.cap = NumberBox(0, _MOST_CAP, decimals=2, unit="USD")
        self.cap.setAccessibleName(tr("Cap"))
        self.cap.setFixedWidth(140)
        self.unknown = TickBox(tr("Include models without a known price"))
        self._uncounted = Paragraph(tr("The cost cap does not cover these models."), "muted")
        self._start = button(tr("Start"), "primary")
        self._back = button(tr("Back"), "quiet")
        self._build()
        self._start.clicked.connect(self.started)
        self._back.clicked.connect(self.left)
        self.capped.toggled.connect(self.cap.setEnabled)
        self.capped.toggled.connect(self._tell_cap)
        self.cap.valueChanged.connect(self._tell_cap)

    @property
    def cap_usd(self) -> float | None:
        """The cost cap in US dollars, or None."""
        return self.cap.value() if self.capped.isChecked() else None

    def show_estimate(
        self, suite: Suite, found: RunEstimate, said: Sequence[Phrase], forbidden: Sequence[PolicyForbids] = ()
    ) -> None:
        """Show a suite's estimate; `said` is on the differences that the run can detect.

        A run with anything `forbidden` cannot be started.
        """
        self._found = found
        self._title.setText(suite.name)
        calls = trn("{n} call", "{n} calls", found.calls)
        if found.judge_calls:
            judges = trn("{n} judge call", "{n} judge calls", found.judge_calls)
            calls = tr("{calls} and {judges}", calls=calls, judges=judges)
        cost = _range(found.cost_low, found.cost_high)
        sentences = [
            tr("{calls}. Estimated cost at list prices: {cost}.", calls=calls, cost=cost),
            *(tr(each) for each in said),
        ]
        self._said.setText("\n".join(sentences))
        head = (tr("Contender"), tr("Calls"), tr("Input tokens"), tr("Cost"))
        rows = [
            (
                each.name,
                strings.number_text(each.calls),
                f"~{strings.number_text(each.input_tokens)}",
                _range(each.cost_low, each.cost_high),
            )
            for each in found.contenders
        ]
        self._table.rows.show(rows, head)
        cap = suite.limits.cost_usd
        self.capped.setChecked(cap is not None)
        self.cap.setValue(1.0 if cap is None else cap)
        self.cap.setEnabled(cap is not None)
        self._tell_cap()
        self._listed.setText("\n".join(tr(each) for each in unlisted_sentences(suite)))
        for each in (self.parameters, self._listed):
            each.setVisible(bool(self._listed.text()))
        self.parameters.setChecked(False)
        self.unknown.setChecked(False)
        for each in (self.unknown, self._uncounted):
            each.setVisible(bool(found.unknown))
        self.say("\n".join(map(strings.sentence, forbidden)))
        self._start.setEnabled(not forbidden)

    @Slot()
    def _tell_cap(self) -> None:
        """Show a note if the cost cap will slow the run down."""
        said = cap_sentence(self._found, self.cap_usd) if self._found is not None else ""
        self._slow.setText(tr(said) if said else "")
        self._slow.setVisible(bool(said))

    def say(self, problem: str) -> None:
        """Show why the run cannot be started."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def focus(self) -> None:
        """Focus the Start button."""
        self._start.setFocus()
        self._table.clearSelection()  # it had the keyboard for a moment

    def _build(self) -> None:
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        area.setWidget(inner)
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(12)
        for each in (self._title, self._said, self._table):
            column.addWidget(each)
        caps = QHBoxLayout()
        caps.setSpacing(8)
        caps.addWidget(self.capped)
        caps.addWidget(self.cap)
        caps.addStretch(1)
        column.addLayout(caps)
        column.addWidget(self._slow)
        column.addWidget(self.unknown)
        column.addWidget(self._uncounted)
        column.addWidget(self._listed)
        column.addWidget(self.parameters)
        column.addWidget(self.tools)
        column.addWidget(self._problem)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(24, 10, 24, 10)
        line.addWidget(self._back)
        line.addStretch(1)
        line.addWidget(self._start)
        whole.addLayout(line)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return tr("unknown")
    return money(low) if low == high else f"{money(low)} … {money(high)}"


_LINE = re.compile(r"line (\d+)")
_TINT = 0.16


class SuiteEditor(QWidget):
    """Text editor for a suite, with a list of the problems found by the parser."""

    go_on = Signal()
    left = Signal()
    save_wanted = Signal()

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Suite as text"))
        self._themes = themes
        self._shown = self._plain = self._kept = ""
        self.field = QPlainTextEdit(self)
        self.field.setAccessibleName(tr("Suite as text"))
        self.field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setTabStopDistance(4 * self.field.fontMetrics().horizontalAdvance(" "))
        self.problems = QListWidget(self)
        self.problems.setAccessibleName(tr("Problems in the suite"))
        self.problems.setMaximumHeight(140)
        self.problems.hide()
        back, save = button(tr("Back"), "quiet"), button(tr("Save as…"))
        onwards = button(tr("Next"), "primary")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.field, 1)
        whole.addWidget(self.problems)
        whole.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(24, 10, 24, 10)
        line.setSpacing(8)
        line.addWidget(back)
        line.addStretch(1)
        line.addWidget(save)
        line.addWidget(onwards)
        whole.addLayout(line)
        back.clicked.connect(self.left)
        save.clicked.connect(self.save_wanted)
        onwards.clicked.connect(self.go_on)
        self.problems.itemActivated.connect(self._go_to)
        self.problems.itemClicked.connect(self._go_to)
        themes.changed.connect(self._mark)

    @property
    def text(self) -> str:
        """The text. Unless it was edited, it is exactly the text shown, because the editor replaces some characters."""
        if self.field.toPlainText() == self._plain:
            return self._shown
        return self.field.document().toRawText().replace("\u2029", "\n")

    @property
    def is_changed(self) -> bool:
        """Whether the text differs from the text that was last shown or saved."""
        return self.text != self._kept

    def keep(self, text: str) -> None:
        """Record the text as saved."""
        self._kept = text

    def show_text(self, text: str) -> None:
        """Show the text of another suite."""
        self._shown = self._kept = text
        self.field.setPlainText(text)
        self._plain = self.field.toPlainText()
        self._show([])

    def clear(self) -> None:
        """Remove all problems from the list."""
        self._show([])

    def fail(self, error: ParagoneError) -> None:
        """List the parser's problems and go to the first one."""
        self._show([each for each in tr(error.message).splitlines() if each.strip()])
        if self.problems.count():
            self._go_to(self.problems.item(0))

    def _show(self, problems: list[str]) -> None:
        self.problems.clear()
        for said in problems:
            item = QListWidgetItem(said)
            found = _LINE.search(said)
            item.setData(Qt.ItemDataRole.UserRole, int(found[1]) if found else 0)
            self.problems.addItem(item)
        self.problems.setVisible(bool(problems))
        self._mark()

    @Slot()
    def _mark(self) -> None:
        """Highlight the lines with problems."""
        theme: Theme = self._themes.current
        marked: list[QTextEdit.ExtraSelection] = []
        for row in range(self.problems.count()):
            line = self.problems.item(row).data(Qt.ItemDataRole.UserRole)
            block = self.field.document().findBlockByNumber(line - 1)
            if line and block.isValid():
                selection = QTextEdit.ExtraSelection()
                selection.cursor = QTextCursor(block)  # pyright: ignore[reportAttributeAccessIssue]
                selection.format.setBackground(mixed_colour(theme))  # pyright: ignore[reportAttributeAccessIssue]
                selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)  # pyright: ignore[reportAttributeAccessIssue]  # noqa: FBT003
                marked.append(selection)
        self.field.setExtraSelections(marked)

    @Slot(QListWidgetItem)
    def _go_to(self, item: QListWidgetItem | None) -> None:
        line = item.data(Qt.ItemDataRole.UserRole) if item is not None else 0
        block = self.field.document().findBlockByNumber(line - 1)
        if line and block.isValid():
            self.field.setTextCursor(QTextCursor(block))
            self.field.centerCursor()
        self.field.setFocus()


def mixed_colour(theme: Theme) -> QColor:
    """Return the background color of a line that has a problem."""
    return QColor(mixed(theme.canvas, theme.bad, _TINT))


_LONGEST_SHOWN, _MOST_LINES = 1 << 20, 50_000
"""Maximum length and number of lines of a suite shown as text, because longer texts block the window."""


_MOST_SOURCES = 20
"""Maximum number of earlier runs that are offered as the source of tool results."""


def _is_source(run: RunRecord, suite: Suite) -> bool:
    """Whether a run may have the results of a suite's tools."""
    return run.name == suite.name and run.state is not RunState.WAITING and not run.is_batch


class SuiteMaker(QWidget):
    """Views for the steps. `started` is emitted with the ID of a planned run that has sent no request yet."""

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
        """Show the form, filled with `data` if there is any, or else as the user left it."""
        self._folder = None
        self.form.offer([str(each) for each in self._facts.known()])
        self._tasks.start(self._offer_tools(), name="runs.tools", failed=self.form.fail)
        if data or not self.form.is_begun:
            self.form.show_data(data)
        self._stack.setCurrentWidget(self.form)
        self.form.focus()

    async def _offer_tools(self) -> None:
        servers = (await self._services.tools.load()).servers
        self.form.tools.offer([*(each.name for each in servers), *([BUILT_IN] if servers else [])])

    def open(self, path: Path) -> None:
        """Load a suite file; an invalid one is shown as text with its problems."""
        if self._opening is not None:
            self._opening.cancel()
        self._file, self._folder = path.name, path.parent
        self._opening = self._tasks.start(self._open(path), name="runs.suite", failed=self._fail)

    def ask_for_file(self, parent: QWidget, chosen: Callable[[Path], None]) -> None:
        """Ask for a suite file."""
        dialog = QFileDialog(parent, tr("Open suite"), "", tr("Suites (*.yaml *.yml *.toml *.json)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def named(name: str) -> None:
            chosen(Path(name))

        dialog.fileSelected.connect(named)
        dialog.open()

    async def _open(self, path: Path) -> None:
        from desktop.evals.suites.suite_file import suite_of_text, text_of_suite

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
        from desktop.evals.suites.suite_file import suite_of

        return await asyncio.to_thread(suite_of, self.form.data(), file=tr("The suite"))

    @Slot()
    def _go_on_from_text(self) -> None:
        self._tasks.start(self._read_text(), name="runs.text", failed=self.editor.fail)

    async def _read_text(self) -> None:
        from desktop.evals.suites.suite_file import suite_of_text

        path = (self._folder or Path()) / self._file
        try:
            suite = await asyncio.to_thread(suite_of_text, self.editor.text, path)
        except ParagoneError as error:
            self.editor.fail(error)
            return
        self.editor.clear()
        await self._offer(suite, self.editor)

    async def _offer(self, suite: Suite, came_from: QWidget) -> None:
        from desktop.evals.execution.run_callers import forbidden_in
        from desktop.evals.execution.run_entries import entries
        from desktop.evals.execution.run_estimate import estimate, power_sentences

        entry_of = entries(self._services.gateway, self._services.catalog)
        found = await asyncio.to_thread(estimate, suite, entry_of)
        await self._show_tools(suite)
        self._suite, self._came_from = suite, came_from
        forbidden = forbidden_in(suite, self._services.settings)
        self.start.show_estimate(suite, found, power_sentences(found), forbidden)
        self._stack.setCurrentWidget(self.start)
        self.start.focus()

    async def _show_tools(self, suite: Suite) -> None:
        """Show what the run does with tools, and the earlier runs of the suite whose results it can use."""
        if not suite.tools.servers:
            self.start.tools.show_tools(None, None, ())
            return
        from desktop.evals.execution.tool_outlook import tool_outlook

        live = await tool_outlook(self._services.tools, suite)
        closed = await tool_outlook(self._services.tools, suite, is_closed=True)
        runs = await (await self._services.store()).suite_runs.list()
        self.start.tools.show_tools(live, closed, [each for each in runs if _is_source(each, suite)][:_MOST_SOURCES])

    @Slot()
    def _edit_text(self) -> None:
        self._tasks.start(self._as_text(), name="runs.as_text", failed=self.form.fail)

    async def _as_text(self) -> None:
        from desktop.evals.suites.suite_file import suite_yaml

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
        from desktop.evals.execution.run_callers import require_parameters
        from desktop.evals.execution.run_plan import chosen, models_of, new_run
        from desktop.evals.execution.tool_outlook import require_servers
        from desktop.evals.execution.tool_recordings import source_run

        if self._suite is None:
            return
        allowed = self.start.parameters.isChecked()
        require_parameters(self._suite, self._services.settings.policy, allowed=allowed)
        limits = msgspec.structs.replace(self._suite.limits, cost_usd=self.start.cap_usd)
        for model in models_of(self._suite):
            self._services.settings.connection(model.connection)  # what is not there is told before anything is paid
        suite = chosen(msgspec.structs.replace(self._suite, limits=limits))
        require_servers(self.start.tools.outlook)
        runs, tools_from = (await self._services.store()).suite_runs, self.start.tools.tools_from
        if tools_from:
            tools_from = await source_run(runs, tools_from, suite)
        unknown = self.start.unknown.isChecked()
        run = await asyncio.to_thread(new_run, suite, unknown_prices=unknown, tools_from=tools_from)
        await runs.create(run)
        if self._came_from is self.form:
            self.form.is_begun = False  # the next one is another
        self.started.emit(run.id)

    @Slot()
    def _back_from_start(self) -> None:
        self._stack.setCurrentWidget(self._came_from or self.form)

    @Slot()
    def _back_from_text(self) -> None:
        """Return to the form with the edited text, unless the text is that of a file.

        Warns once if the form would lose a part of the text.
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
        """Show edited text in the form.

        Raises:
            UsageError: If the text is invalid or the form cannot show it.
        """
        from desktop.evals.suites.suite_file import suite_of_text
        from desktop.evals.suites.suite_yaml import table_of

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
        dialog = QFileDialog(self, tr("Save suite"), self._file, tr("Suites (*.yaml)"))
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
        from desktop.transfer.export import export_writer

        text = self.editor.text
        await asyncio.to_thread(export_writer.write_bytes, path, [text.encode("utf-8", "replace")])
        self.editor.keep(text)

    def _fail(self, error: ParagoneError) -> None:
        self._stack.setCurrentWidget(self.editor)
        self.editor.fail(error)

    def step_back(self) -> None:
        """Go back by one step."""
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
