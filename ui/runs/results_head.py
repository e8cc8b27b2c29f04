"""The head of a run: its name, how far it is and what it took, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.suite_cells import RunProgress, RunRecord, RunState
from ui.runs.cell_text import progress_text
from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, set_role
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout


class ResultsHead(QWidget):
    """Says what it is told. Its buttons are there only where they do something."""

    pause_wanted = Signal()
    resume_wanted = Signal()
    retry_wanted = Signal()
    review_wanted = Signal()
    report_wanted = Signal()
    compare_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel("", "heading")
        self._state = Paragraph("", "muted")
        self._problem = Paragraph("", "warn")
        self._problem.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Progress of the run"))
        self.pause = button(tr("Pause"))
        self.resume = button(tr("Resume"))
        self.retry = button(tr("Retry errors"))
        self.review = button(tr("Review…"))
        self.compare = button(tr("Compare…"))
        self.report = button(tr("Report…"))
        self.delete = button(tr("Delete…"), "quiet")
        for pushed, said in (
            (self.pause, self.pause_wanted),
            (self.resume, self.resume_wanted),
            (self.retry, self.retry_wanted),
            (self.review, self.review_wanted),
            (self.compare, self.compare_wanted),
            (self.report, self.report_wanted),
            (self.delete, self.delete_wanted),
        ):
            pushed.clicked.connect(said)
        self._build()

    @property
    def state(self) -> str:
        """How far the run is, as it is said."""
        return self._state.text()

    def show_run(
        self, run: RunRecord, progress: RunProgress, *, comparable: bool, ours: bool, is_unpriced: bool = False
    ) -> None:
        """Say how far a run is; `comparable` where there is another one, `ours` where this program works on it.

        What answers cost that have no known price is not in the sum: `is_unpriced` says so.
        """
        running = progress.state is RunState.RUNNING
        begun = progress.asked > 0
        self._name.setText(run.name)
        self._state.setText(progress_text(progress, is_unpriced=is_unpriced or run.unknown_prices))
        self.bar.setRange(0, max(progress.cells, 1))
        self.bar.setValue(progress.asked)
        self.bar.setVisible(running)
        wanted = {
            self.pause: running and ours,
            self.resume: not running and progress.state is not RunState.COMPLETE,
            self.retry: progress.state is RunState.COMPLETE and progress.errors > 0,
            self.review: begun,
            self.compare: begun and comparable,
            self.report: begun,
            self.delete: not running,
        }
        self._keep_keyboard(wanted)
        for pushed, shown in wanted.items():
            pushed.setVisible(shown)

    def say(self, problem: str, *, well: bool = False) -> None:
        """Say why it does not go on, or what went `well`; nothing to say no more."""
        set_role(self._problem, "role", "muted" if well else "warn")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def _keep_keyboard(self, wanted: dict[QPushButton, bool]) -> None:
        """Who just pressed a button that goes finds the keyboard on the first one that stays."""
        if any(pushed.hasFocus() and not shown for pushed, shown in wanted.items()):
            stays = next((pushed for pushed, shown in wanted.items() if shown), None)
            if stays is not None:
                stays.show()
                stays.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 10)
        column.setSpacing(6)
        column.addWidget(self._name)
        column.addWidget(self._state)
        column.addWidget(self.bar)
        column.addWidget(self._problem)
        holder = QWidget(self)
        row = WrapLayout(holder)
        for pushed in (self.pause, self.resume, self.retry, self.review, self.compare, self.report, self.delete):
            row.addWidget(pushed)
        line = QHBoxLayout()
        line.setContentsMargins(0, 4, 0, 0)
        line.addWidget(holder, 1)
        column.addLayout(line)
