"""One answer of a case: who gave it, what graders say, its text, and what its reader says of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.runs.run_text import STATUSES
from desktop.suite_cells import CellRecord, CellStatus
from ui import strings
from ui.compare.marked_text import MarkedText, Stretch
from ui.runs.cell_text import duration, grade_text, money
from ui.strings import tr
from ui.theme import Theme
from ui.widgets.buttons import button
from ui.widgets.labels import EdgedFrame, ElidedLabel, check_quietly, set_role
from ui.widgets.paragraph import Paragraph

_LEAST = 240


class AnswerColumn(EdgedFrame):
    """Shows what it is given. While its reader is blind to who answered, neither figures nor grades are there."""

    reviewed = Signal(object, str)
    """Its reader's verdict, None for none, and note."""
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
        """The cell that is shown; None where it was not asked."""
        return self._record

    def show_answer(
        self, name: str, record: CellRecord | None, stretches: Sequence[Stretch], theme: Theme, *, blind: bool
    ) -> None:
        """Show an answer under a name, its text in stretches."""
        self._record, self._theme = record, theme
        self.name.setText(name)
        self.text.setAccessibleName(tr("Response of {name}", name=name))
        for pushed, title in ((self.passing, tr("Pass")), (self.failing, tr("Fail"))):
            pushed.setAccessibleName(f"{title}: {name}")
        self.note.setAccessibleName(tr("Note: {name}", name=name))
        self._state.setText(self._stated(record, blind=blind))
        shows_grades = record is not None and bool(record.grades) and (not blind or record.reviewed is not None)
        self._grades.setText("\n".join(grade_text(each) for each in record.grades) if shows_grades and record else "")
        self._grades.setVisible(shows_grades)
        self.text.show_stretches(stretches, theme)
        self._show_verdict()
        is_answered = record is not None and any(record.answers)
        self.opening.setVisible(is_answered and not blind)

    def clear(self, name: str) -> None:
        """Show nothing but a name until an answer is there: who gave the last one is nobody's to see in between."""
        self.show_answer(name, None, (), self._theme, blind=True)
        self._state.setText("")

    def judge(self, *, passed: bool) -> None:
        """Give a verdict; the same one once more takes it back."""
        if self._record is not None and self._record.status is not CellStatus.ERROR:
            self._given = None if self._given is passed else passed
            self.reviewed.emit(self._given, self.note.text().strip())
        self._show_given()

    def kept(self, record: CellRecord) -> None:
        """Take what is kept by now; what is typed meanwhile stays."""
        self._record = record
        self._show_given()

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer that a verdict can be given on."""
        return self._record is not None and self._record.status is not CellStatus.ERROR

    def mark(self, *, on: bool) -> None:
        """Whether keys are for this answer."""
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
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.passing)
        row.addWidget(self.failing)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.opening, 0, Qt.AlignmentFlag.AlignLeading)
