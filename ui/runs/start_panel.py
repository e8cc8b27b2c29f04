"""Before a run: how many calls, what they may cost, what the run can show, and a cap; nothing is sent before."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.phrases import Phrase
from desktop.runs.run_callers import unlisted_sentences
from desktop.runs.run_estimate import RunEstimate, cap_sentence
from desktop.runs.suite import Suite
from ui import strings
from ui.compare.rows_table import RowsTable
from ui.runs.cell_text import money
from ui.strings import tr, trn
from ui.widgets.buttons import button
from ui.widgets.inputs import NumberBox, TickBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph

_MOST_CAP = 10_000.0


class StartPanel(QWidget):
    """Shows an estimate that it is given."""

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
        self._slow = Paragraph("", "muted")
        self._found: RunEstimate | None = None
        self._problem = Paragraph("", "warn")
        self._problem.hide()
        self.capped = TickBox(tr("Cost cap"))
        self.cap = NumberBox(0, _MOST_CAP, decimals=2, unit="USD")
        self.cap.setAccessibleName(tr("Cap"))
        self.cap.setFixedWidth(140)
        self.unknown = TickBox(tr("Include models without a known price"))
        self._uncounted = Paragraph(tr("The cap does not cover them."), "muted")
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
        """What it may cost; None for anything."""
        return self.cap.value() if self.capped.isChecked() else None

    def show_estimate(self, suite: Suite, found: RunEstimate, said: Sequence[Phrase]) -> None:
        """Show what a suite would take; `said` is what it can show."""
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
        self.say("")

    @Slot()
    def _tell_cap(self) -> None:
        """Say where the cap makes the run slower."""
        said = cap_sentence(self._found, self.cap_usd) if self._found is not None else ""
        self._slow.setText(tr(said) if said else "")
        self._slow.setVisible(bool(said))

    def say(self, problem: str) -> None:
        """Say why it does not start."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def focus(self) -> None:
        """Put the keyboard on the button that starts."""
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
