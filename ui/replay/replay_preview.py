"""Preview of a replay: its sample, calls, cost and what its review can show, with the cost cap."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.imported_models import model_text
from desktop.replay.replay_estimate import ReplayEstimate, power_sentence
from desktop.replay.replay_plan import ReplayPlan
from desktop.reports.replay_text import excluded_texts, model_name, sample_text
from ui.base import strings
from ui.base.figures_text import money
from ui.base.strings import tr, trn
from ui.widgets.buttons import button
from ui.widgets.inputs import NumberBox, TickBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

MOST_CAP = 10_000.0
_WIDEST = 720
_ROOM = 1.2
"""Share of the highest estimated cost that is proposed as cap."""


class ReplayPreview(QWidget):
    """Shows a plan with its estimate; `started` is emitted when the user starts it."""

    started = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Preview of the replay"))
        self._plan: ReplayPlan | None = None
        self._found: ReplayEstimate | None = None
        self._alone: ReplayEstimate | None = None
        self._batched: ReplayEstimate | None = None
        self._title = label("", "heading")
        self._cost = Paragraph("", "")
        self._sample = Paragraph("", "")
        self._table = RowsTable(tr("Estimate by model"), (tr("Model"), tr("Calls"), tr("Cost")))
        self._power = Paragraph("", "")
        self.batch = TickBox(tr("Send as a batch: half the price, within a day"))
        self.capped = TickBox(tr("Cost cap"))
        self.cap = NumberBox(0, MOST_CAP, decimals=2, unit="USD")
        self.cap.setAccessibleName(tr("Cap"))
        self.cap.setFixedWidth(140)
        self.unknown = TickBox(tr("Include models without a known price"))
        self._uncounted = Paragraph(tr("The cost cap does not cover these models."), "muted")
        self._slow = Paragraph("", "muted")
        self._excluded_title = label(tr("Not replayed"), "strong")
        self._excluded = Paragraph("", "muted")
        self._dropped = Paragraph("", "muted")
        self._problem = Paragraph("", "warn")
        self._back = button(tr("Back"), "quiet")
        self._start = button(tr("Start replay"), "primary")
        self._build()
        self._start.clicked.connect(self.started)
        self._back.clicked.connect(self.left)
        self.batch.toggled.connect(self._show_estimate)
        self.capped.toggled.connect(self.cap.setEnabled)
        self.capped.toggled.connect(self._show_cap)
        self.cap.valueChanged.connect(self._show_cap)

    @property
    def cap_usd(self) -> float | None:
        """The cost cap in US dollars, or None."""
        return self.cap.value() if self.capped.isChecked() else None

    def show_plan(
        self, plan: ReplayPlan, found: ReplayEstimate, old: str, *, batched: ReplayEstimate | None = None
    ) -> None:
        """Show what a replay will do. `old` is the name of the old model, `batched` the estimate of a batch if any."""
        self._plan, self._alone, self._batched = plan, found, batched
        is_possible = bool(plan.items)
        names = ", ".join(each.name for each in plan.models)
        self._title.setText(f"{model_name(plan.of)} → {names}" if is_possible else tr("Nothing can be replayed"))
        self._cost.setText("" if is_possible else _nothing(plan, old))
        self._sample.setText(tr(sample_text(plan)))
        self._power.setText(tr(power_sentence(found.reviews, found.equal_shown)))
        excluded = [tr(each) for each in excluded_texts(plan)]
        self._excluded.setText("\n".join(excluded))
        for each in (self._excluded, self._excluded_title):
            each.setVisible(bool(excluded))
        self._dropped.setText(
            tr("Parameters that are not sent, because a successor does not accept them: {names}", names=lost)
            if (lost := ", ".join(plan.dropped))
            else ""
        )
        self._dropped.setVisible(bool(lost) and is_possible)
        for each in (self._sample, self._table, self._power, self.capped, self.cap):
            each.setVisible(is_possible)
        self.batch.setVisible(is_possible and batched is not None)
        self.unknown.setChecked(False)
        self._start.setEnabled(is_possible)
        self.batch.setChecked(False)
        self._show_estimate()
        self.say("")

    def say(self, problem: str) -> None:
        """Show why the replay does not start."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def focus(self) -> None:
        """Focus the Start button, or Back if nothing can be started."""
        (self._start if self._start.isEnabled() else self._back).setFocus()
        self._table.clearSelection()  # it had the keyboard for a moment

    @Slot()
    def _show_estimate(self) -> None:
        """Show the estimate, of a batch if that is chosen, and propose a cap above it."""
        plan, found = self._plan, self._batched if self.batch.isChecked() else self._alone
        if plan is None or found is None:
            return
        self._found = found
        is_possible, high = bool(plan.items), found.cost_high
        if is_possible:
            self._cost.setText(_summary(found))
        self._table.rows.show(_rows(plan, found))
        self.capped.setChecked(is_possible and bool(high))
        self.cap.setValue(round(max(high * _ROOM, 0.01), 2) if high else 1.0)
        self.cap.setEnabled(self.capped.isChecked())
        self._show_cap()

    @Slot()
    def _show_cap(self) -> None:
        """Explain a cap below the highest cost, and offer to include unknown prices."""
        found = self._found
        is_unknown = found is not None and found.cost_high is None and self.capped.isChecked()
        for each in (self.unknown, self._uncounted):
            each.setVisible(is_unknown and self._start.isEnabled())
        high = found.cost_high if found is not None else None
        cap = self.cap_usd
        is_low = high is not None and cap is not None and cap < high
        self._slow.setText(tr("The replay may stop at the cap. You can raise it and resume.") if is_low else "")
        self._slow.setVisible(is_low)

    def _build(self) -> None:
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner, content = QWidget(), QWidget()
        inner.setProperty("role", "canvas")
        content.setMaximumWidth(_WIDEST)
        area.setWidget(inner)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(24, 16, 24, 24)
        outer.addWidget(content)
        outer.addStretch(1)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for each in (self._title, self._cost, self._sample, self._table, self._power):
            column.addWidget(each)
        column.addWidget(self.batch, 0, Qt.AlignmentFlag.AlignLeft)
        caps = QHBoxLayout()
        caps.setSpacing(8)
        caps.addWidget(self.capped)
        caps.addWidget(self.cap)
        caps.addStretch(1)
        column.addLayout(caps)
        for each in (self._slow, self.unknown, self._uncounted):
            column.addWidget(each)
        column.addSpacing(4)
        for each in (self._excluded_title, self._excluded, self._dropped):
            column.addWidget(each)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(hairline())
        bottom = QVBoxLayout()
        bottom.setContentsMargins(24, 10, 24, 10)
        bottom.addWidget(self._problem)
        line = QHBoxLayout()
        line.addWidget(self._back)
        line.addStretch(1)
        line.addWidget(self._start)
        bottom.addLayout(line)
        whole.addLayout(bottom)


def _summary(found: ReplayEstimate) -> str:
    calls = trn("{n} call", "{n} calls", found.calls)
    if found.judge_calls:
        judges = trn("{n} judge call", "{n} judge calls", found.judge_calls)
        calls = tr("{calls} and {judges}", calls=calls, judges=judges)
    cost = _range(found.cost_low, found.cost_high)
    return tr("{calls}. Estimated cost at list prices: {cost}.", calls=calls, cost=cost)


def _nothing(plan: ReplayPlan, old: str) -> str:
    if plan.excluded:
        return tr("No response from {old} in this selection can be replayed.", old=old)
    return tr("No response from {old} matches this selection. Choose a longer period or other conversations.", old=old)


def _rows(plan: ReplayPlan, found: ReplayEstimate) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for place, each in enumerate(found.models):
        name = each.model
        if place >= len(plan.models) and plan.incumbent is not None:
            name = tr("{model} (A/A control)", model=model_text(plan.incumbent))
        rows.append((name, strings.number_text(each.calls), _range(each.cost_low, each.cost_high)))
    if found.judge_calls:
        judge, calls = tr("{model} (judge model)", model=plan.judge), strings.number_text(found.judge_calls)
        rows.append((judge, calls, _range(found.judge_low, found.judge_high)))
    return rows


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return tr("unknown")
    return money(low) if low == high else f"{money(low)} … {money(high)}"
