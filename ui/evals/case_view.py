"""View of one case: its prompt, the responses side by side with their differences, and review by keyboard."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.suite_cells import CellCall, CellKey, CellRecord, CellStatus
from desktop.errors import ParagoneError, RunUnknown, UsageError
from desktop.reports.cell_calls import call_text, cut
from desktop.reports.run_text import STATUSES
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.compare.marked_text import MarkedText, Stretch
from ui.evals.cell_text import duration, grade_text, money
from ui.evals.opened_run import OpenedRun
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, TickBox
from ui.widgets.labels import EdgedFrame, ElidedLabel, check_quietly, hairline, label, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField
from ui.widgets.wrapping_layout import WrapLayout

_LEAST = 240


class AnswerColumn(EdgedFrame):
    """Column with one response. During a blind review, figures and grades are hidden."""

    reviewed = Signal(object, str)
    """Emitted with the reviewer's verdict, or None if it was withdrawn, and the note."""
    conversation_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("answer-column", parent)
        self.setMinimumWidth(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = theme
        self._record: CellRecord | None = None
        self._given: bool | None = None
        self.name = ElidedLabel("", "strong")
        self._state = Paragraph("", "muted")
        self._grades = Paragraph("", "")
        self._calls = Paragraph("", "muted")
        self.text = MarkedText("", theme)
        self.passing = button(tr("Pass"), "", "")
        self.failing = button(tr("Fail"), "", "")
        for each in (self.passing, self.failing):
            each.setCheckable(True)
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("Note"))
        self.opening = button(tr("Open as conversation"), "link")
        self._build()
        self.passing.clicked.connect(lambda: self.judge(passed=True))
        self.failing.clicked.connect(lambda: self.judge(passed=False))
        self.note.editingFinished.connect(self._noted)
        self.opening.clicked.connect(self.conversation_wanted)

    @property
    def record(self) -> CellRecord | None:
        """The displayed cell, or None if its prompt was not sent yet."""
        return self._record

    def show_answer(
        self, name: str, record: CellRecord | None, stretches: Sequence[Stretch], theme: Theme, *, blind: bool
    ) -> None:
        """Show a response under the name of its contender."""
        self._record, self._theme = record, theme
        self.name.setText(name)
        self.text.setAccessibleName(tr("Response from {name}", name=name))
        for pushed, title in ((self.passing, tr("Pass")), (self.failing, tr("Fail"))):
            pushed.setAccessibleName(f"{title}: {name}")
        self.note.setAccessibleName(tr("Note on {name}", name=name))
        self._state.setText(self._stated(record, blind=blind))
        shows_grades = record is not None and bool(record.grades) and (not blind or record.reviewed is not None)
        self._grades.setText("\n".join(grade_text(each) for each in record.grades) if shows_grades and record else "")
        self._grades.setVisible(shows_grades)
        calls = record.calls or () if record is not None and (not blind or record.reviewed is not None) else ()
        self._calls.setText(_calls_text(calls))
        self._calls.setVisible(bool(calls))
        self.text.show_stretches(stretches, theme)
        self._show_verdict()
        is_answered = record is not None and any(record.answers)
        self.opening.setVisible(is_answered and not blind)

    def clear(self, name: str) -> None:
        """Show only the name until the response is loaded, so that nothing is revealed in a blind review."""
        self.show_answer(name, None, (), self._theme, blind=True)
        self._state.setText("")

    def judge(self, *, passed: bool) -> None:
        """Set the verdict; choosing the same verdict again withdraws it."""
        if self._record is not None and self._record.status is not CellStatus.ERROR:
            self._given = None if self._given is passed else passed
            self.reviewed.emit(self._given, self.note.text().strip())
        self._show_given()

    def kept(self, record: CellRecord) -> None:
        """Update the column from the stored cell without discarding a note that is being typed."""
        self._record = record
        self._show_given()

    @property
    def is_answered(self) -> bool:
        """Whether there is a response that can be reviewed."""
        return self._record is not None and self._record.status is not CellStatus.ERROR

    def mark(self, *, on: bool) -> None:
        """Highlight the column, or not, as the one that keyboard commands apply to."""
        set_role(self, "role", "answer-column-chosen" if on else "answer-column")

    @Slot()
    def _noted(self) -> None:
        if self._record is not None and self.note.text().strip() != self._record.note:
            self.reviewed.emit(self._given, self.note.text().strip())

    def _show_verdict(self) -> None:
        record = self._record
        self._given = record.reviewed if record is not None else None
        self.note.setText(record.note if record is not None else "")
        self._show_given()

    def _show_given(self) -> None:
        record = self._record
        can = record is not None and record.status is not CellStatus.ERROR
        for pushed, verdict in ((self.passing, True), (self.failing, False)):
            pushed.setVisible(can)
            given = self._given is verdict
            check_quietly(pushed, on=given)
            set_role(pushed, "role", "tinted" if given else "")
        self.note.setVisible(can)

    def _stated(self, record: CellRecord | None, *, blind: bool) -> str:
        if record is None:
            return tr("Not sent yet.")
        if blind:  # what the server says may name the model
            return tr("No response.") if record.status is CellStatus.ERROR else ""
        if record.problem is not None:
            return tr("{status}: {problem}", status=tr(STATUSES[record.status]), problem=record.problem.message)
        parts = [tr(STATUSES[record.status])]
        figures = record.figures
        if record.score not in (None, 0.0, 1.0):
            parts.append(tr("score {score}", score=strings.decimal(record.score or 0.0, 2)))
        if figures is not None and figures.duration_ms is not None:
            parts.append(duration(figures.duration_ms))
        if figures is not None and figures.cost is not None:
            parts.append(money(figures.cost))
        if figures is not None and figures.server_model:
            parts.append(figures.server_model)
        return " · ".join(parts)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.name)
        column.addWidget(self._state)
        column.addWidget(self._grades)
        column.addWidget(self._calls)
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.passing)
        row.addWidget(self.failing)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.opening, 0, Qt.AlignmentFlag.AlignLeading)


_MOST_CALLS = 20


def _calls_text(calls: Sequence[CellCall]) -> str:
    """Return tool calls with the beginnings of their results; a conversation shows all of them."""
    lines: list[str] = []
    for each in calls[:_MOST_CALLS]:
        result = cut(each.result.text)
        lines.append(f"{tr(call_text(each))}\n→ {result}" if result else tr(call_text(each)))
    if more := len(calls) - _MOST_CALLS:
        lines += [trn("{n} more call", "{n} more calls", more)] if more > 0 else []
    return "\n".join(lines)


_PROMPT_LINES = 6
_LONGEST_SHOWN = 20_000
_KEYS = (("P", "passed"), ("F", "failed"), ("N", "next"), ("B", "before"), ("O", "note"))


_HINT = phrase("P pass · F fail · O note · Tab next response · N next case")


class CaseView(QWidget):
    """View that steps through the given cases. P and F rate the selected response, N goes to the next case."""

    left = Signal()
    """Emitted when the user closes the view."""
    conversation_wanted = Signal(object)

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Case"))
        self._services, self._tasks, self._themes = services, tasks, themes
        self._run: OpenedRun | None = None
        self._cases: Sequence[int] = ()
        self._at = 0
        self._order: list[int] = []
        self._columns: list[AnswerColumn] = []
        self._records: dict[int, CellRecord] = {}
        self._chosen = 0
        self._loading: asyncio.Task[None] | None = None
        self._back = button(tr("Back"), "quiet")
        self._place = label("", "strong")
        self._before = button(tr("Previous"))
        self._next = button(tr("Next"))
        self._repeat = ChoiceBox(tr("Repeat"), self)
        self.blind = TickBox(tr("Hide model names"))
        self.differences = TickBox(tr("Highlight differences"))
        self._prompt = TextField(parent=self)
        self._hint = Paragraph(tr(_HINT))
        self._said = Paragraph("", "warn")
        self._row = QHBoxLayout()
        self._build()
        self._connect()

    def show_case(
        self, run: OpenedRun, cases: Sequence[int], at: int, contender: int, *, blind: bool | None = None
    ) -> None:
        """Show the case at an index, with a contender's response selected; `blind` hides the contenders."""
        if run is not self._run:
            self._repeat.clear()
            of = run.record.repeats
            self._repeat.addItems([tr("Repeat {n} of {all}", n=n, all=of) for n in range(1, of + 1)])
            self._repeat.setVisible(of > 1)
            self._repeat.fit()
        self._run, self._cases = run, cases
        if blind is not None:
            self.blind.setChecked(blind)
        self._go(at, contender)

    def focus(self) -> None:
        """Focus the selected response."""
        if self._columns:
            self._columns[self._chosen].text.setFocus()

    @property
    def columns(self) -> Sequence[AnswerColumn]:
        """The response columns in display order."""
        return self._columns

    def _go(self, at: int, contender: int = -1) -> None:
        run = self._run
        if run is None or not 0 <= at < len(self._cases):
            return
        self._at = at
        case = self._cases[at]
        self._order = list(range(len(run.names)))
        if self.blind.isChecked():  # the same order whenever one comes back to a case
            random.Random(f"{run.id}/{case}").shuffle(self._order)  # noqa: S311 - no secret
        self._chosen = self._order.index(contender) if contender in self._order else 0
        self._records = {}
        self._make_columns(len(self._order))
        for place, contender in enumerate(self._order):
            self._columns[place].clear(self._name(place, contender))
        self._place.setText(tr("Case {number} · {at} of {all}", number=case + 1, at=at + 1, all=len(self._cases)))
        self._before.setEnabled(at > 0)
        self._next.setEnabled(at < len(self._cases) - 1)
        self._prompt.setPlainText("\n\n".join(run.turns(case)))
        lines = min(self._prompt.document().size().height() + 1, _PROMPT_LINES)  # its size is in lines
        self._prompt.setFixedHeight(round(lines * self.fontMetrics().lineSpacing()) + 16)
        self._read()

    @Slot()
    def _read(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._tasks.start(self._load(), name="runs.case", failed=self._fail)

    async def _load(self) -> None:
        run = self._run
        if run is None:
            return
        self._said.hide()
        repeat, case = max(self._repeat.currentIndex(), 0), self._cases[self._at]
        records: dict[int, CellRecord] = {}
        for contender in self._order:
            try:
                records[contender] = await run.cell(CellKey(case, contender, repeat))
            except RunUnknown:
                continue  # not asked yet
        self._records = records
        self._show()

    def _show(self) -> None:
        run, theme, blind = self._run, self._themes.current, self.blind.isChecked()
        if run is None:
            return
        texts = {contender: _text(record) for contender, record in self._records.items()}
        marked = _marked(self._order, texts) if self.differences.isChecked() else {}
        for place, contender in enumerate(self._order):
            plain = [Stretch(texts.get(contender, ""))]
            self._columns[place].show_answer(
                self._name(place, contender),
                self._records.get(contender),
                marked.get(contender, plain),
                theme,
                blind=blind,
            )
        self._mark()

    def _name(self, place: int, contender: int) -> str:
        if self.blind.isChecked() or self._run is None:
            return tr("Response {number}", number=place + 1)
        return self._run.names[contender]

    def _make_columns(self, count: int) -> None:
        while len(self._columns) < count:
            column, place = AnswerColumn(self._themes.current), len(self._columns)
            column.reviewed.connect(partial(self._review, place))
            column.conversation_wanted.connect(partial(self._open, place))
            column.text.installEventFilter(self)
            self._columns.append(column)
            self._row.addWidget(column, 1)
        while len(self._columns) > count:
            gone = self._columns.pop()
            self._row.removeWidget(gone)
            gone.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own
        """Select the response whose text receives the focus."""
        if event.type() == QEvent.Type.FocusIn:
            for place, column in enumerate(self._columns):
                if watched is column.text:
                    self._chosen = place
                    self._mark()
        return super().eventFilter(watched, event)

    def _mark(self) -> None:
        for place, column in enumerate(self._columns):
            column.mark(on=place == self._chosen)

    def _judge(self, *, passed: bool) -> None:
        if not self._columns:
            return
        column = self._columns[self._chosen]
        column.judge(passed=passed)
        name, verdict = column.name.text(), tr("passed") if passed else tr("failed")
        announce(column.text, tr("{name}: {value}.", name=name, value=verdict))
        later = (place for place in range(self._chosen + 1, len(self._columns)) if self._columns[place].is_answered)
        if (place := next(later, None)) is not None:
            self._chosen = place
            self._mark()
            self._columns[self._chosen].text.setFocus()

    def _review(self, place: int, passed: bool | None, note: str) -> None:  # noqa: FBT001 - a verdict
        record = self._records.get(self._order[place]) if place < len(self._order) else None
        if record is not None and self._run is not None:
            self._tasks.start(
                self._keep(self._run, place, record.key, passed, note), name="runs.keep_review", failed=self._fail
            )

    async def _keep(self, run: OpenedRun, place: int, key: CellKey, passed: bool | None, note: str) -> None:  # noqa: FBT001
        await run.review(key, passed, note)
        record = await run.cell(key)
        is_seen = self._run is run and self._cases[self._at] == key.case
        if is_seen and place < len(self._order) and self._order[place] == key.contender:
            self._records[key.contender] = record
            self._columns[place].kept(record)

    def _open(self, place: int) -> None:
        record = self._records.get(self._order[place])
        if record is None or self._run is None:
            return
        if self._run.suite is None:
            self._fail(UsageError(phrase("The suite for this run is damaged, so the prompt is unknown.")))
        else:
            from desktop.evals.execution.cell_conversation import conversation_of

            self.conversation_wanted.emit(conversation_of(self._run.suite, record))

    @Slot()
    def _note(self) -> None:
        if self._columns:
            self._columns[self._chosen].note.setFocus()

    def _fail(self, error: ParagoneError) -> None:
        self._said.setText(strings.sentence(error))
        self._said.show()

    def _build(self) -> None:
        self._said.hide()
        self._prompt.setReadOnly(True)
        self._prompt.setTabChangesFocus(True)
        self._prompt.setAccessibleName(tr("Prompt"))
        self._prompt.setFrameShape(QFrame.Shape.NoFrame)
        holder = QWidget(self)
        top = WrapLayout(holder, gap=8)
        for each in (self._place, self.blind, self.differences):
            each.setMinimumHeight(self._next.sizeHint().height())  # in the middle of a line of buttons
        for each in (
            *(self._back, self._place, self._before, self._next),
            *(self._repeat, self.blind, self.differences),
        ):
            top.addWidget(each)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        answers = QWidget()
        area.setWidget(answers)
        answers.setProperty("role", "canvas")
        answers.setLayout(self._row)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        around = QVBoxLayout()
        around.setContentsMargins(16, 10, 16, 10)
        around.addWidget(holder)
        column.addLayout(around)
        column.addWidget(hairline())
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 8, 16, 0)
        inner.addWidget(self._prompt)
        inner.addWidget(self._said)
        column.addLayout(inner)
        column.addWidget(area, 1)
        self._hint.setProperty("role", "muted")
        self._hint.setContentsMargins(24, 0, 24, 10)
        column.addWidget(self._hint)

    def _connect(self) -> None:
        self._back.clicked.connect(self.left)
        self._next.clicked.connect(lambda: self._go(self._at + 1))
        self._before.clicked.connect(lambda: self._go(self._at - 1))
        self._repeat.activated.connect(self._read)
        self.blind.toggled.connect(lambda: self._go(self._at, self._order[self._chosen] if self._order else -1))
        self.differences.toggled.connect(self._show)
        self._themes.changed.connect(self._show)
        does = {
            "passed": partial(self._judge, passed=True),
            "failed": partial(self._judge, passed=False),
            "next": lambda: self._step(1),
            "before": lambda: self._step(-1),
            "note": self._note,
        }
        for key, what in _KEYS:
            pressed = QShortcut(QKeySequence(key), self)
            pressed.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            pressed.activated.connect(does[what])

    def step_back(self) -> None:
        """Move the focus from a note back to its response, or else leave the view."""
        if any(each.note is QApplication.focusWidget() for each in self._columns):
            self.focus()
        else:
            self.left.emit()

    def _step(self, by: int) -> None:
        """Show the next or previous repeat, or the next or previous case after the last repeat."""
        repeat = self._repeat.currentIndex() + by
        if 0 <= repeat < self._repeat.count():
            self._repeat.setCurrentIndex(repeat)
            self._go(self._at, self._order[self._chosen] if self._order else -1)
        elif 0 <= self._at + by < len(self._cases):
            self._repeat.setCurrentIndex(0 if by > 0 else self._repeat.count() - 1)
            self._go(self._at + by)
        self.focus()


def _text(record: CellRecord) -> str:
    """Return the responses of a cell, cut to a length that Qt can lay out quickly."""
    whole = "\n\n".join(record.answers)
    if len(whole) <= _LONGEST_SHOWN:
        return whole
    return f"{whole[:_LONGEST_SHOWN]}…\n\n{tr('Open this response as a conversation to see the rest.')}"


def _marked(order: Sequence[int], texts: dict[int, str]) -> dict[int, list[Stretch]]:
    """Return the responses with their differences from the first one."""
    from desktop.metrics.differences import difference
    from ui.compare.stretches import beside

    said = [each for each in order if texts.get(each)]
    if len(said) < 2:
        return {}
    first = said[0]
    marked: dict[int, list[Stretch]] = {}
    for other in said[1:]:
        if (found := difference(texts[first], texts[other])) is not None:  # None: too long to be held side by side
            left, right = beside(texts[first], texts[other], found)
            marked.setdefault(first, left)
            marked[other] = right
    return marked
