"""Decision page of a replay: the verdict on each successor first, then its evidence, then what limits it."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.suite_cells import CellKey, RunState
from desktop.errors import ParagoneError, RunUnknown
from desktop.replay.replay_plan import ReplayPlan
from desktop.replay.replay_results import (
    Regression,
    ReplayResults,
    SuccessorResult,
    read_results,
    read_seen_results,
)
from desktop.replay.replay_texts import ReplayTexts
from desktop.reports.replay_text import (
    EXCLUDED,
    SIGNALS,
    cost_and_speed,
    error_texts,
    headline,
    model_name,
    worst_kind,
)
from desktop.services import Services
from desktop.text.phrases import english
from ui.base.strings import day, number_text, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.charts.chart_card import CardRow
from ui.replay.decision_cards import CostCard, KindsCard, PreferenceCard, RegressionsCard, wide_text
from ui.replay.decision_export import FORMATS, DecisionExport
from ui.replay.regression_view import ComparedAnswers, RegressionView
from ui.widgets.buttons import button
from ui.widgets.inline_question import InlineQuestion
from ui.widgets.inputs import Segments
from ui.widgets.labels import ElidedLabel, hairline, set_role
from ui.widgets.menu import Menu
from ui.widgets.paragraph import Paragraph

_MARGIN, _GAP = 32, 16
_STACKED = 1000
"""Width in pixels below which cards are stacked."""
_WIDEST = 1320
_WIDEST_TEXT = 640
_LONGEST_TITLE = 200


def hides_verdict(results: ReplayResults) -> bool:
    """Whether the verdict must stay hidden: the review has begun, is incomplete and was not looked at early."""
    return bool(results.reviewed and results.to_review and not results.seen_early)


class HiddenVerdict(QWidget):
    """Shown instead of the verdict until the review is complete."""

    continue_wanted = Signal()
    show_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = Paragraph("", "headline")
        why = Paragraph(tr("Until then, the verdict stays hidden so that it cannot influence you."), "lead")
        self.resume = button(tr("Continue review"), "primary", by_enter=True)
        self._show = button(tr("Show verdict now"), by_enter=True)
        warning = Paragraph(
            tr(
                "If you show the verdict now, its interval is the one that is valid at any time. It is wider, and "
                "stays so after further reviews."
            ),
            "muted",
        )
        self._show.setAccessibleDescription(warning.text())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.resume)
        row.addWidget(self._show)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._left)
        column.addWidget(why)
        column.addSpacing(12)
        column.addLayout(row)
        column.addWidget(warning)
        self.setMaximumWidth(_WIDEST_TEXT)
        self.resume.clicked.connect(self.continue_wanted)
        self._show.clicked.connect(self.show_wanted)

    def show_left(self, pairs: int) -> None:
        """Show how many pairs are left."""
        self._left.setText(trn("{n} pair is left to review.", "{n} pairs are left to review.", pairs))


class SuccessorDecision(QWidget):
    """Headline, cards and limits of one successor."""

    compare_wanted = Signal(int)

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline = wide_text("", "headline")
        self.lead = wide_text("", "lead")
        self.preference = PreferenceCard(themes, self)
        self.cost = CostCard(themes, self)
        self.kinds = KindsCard(themes, self)
        self.regressions = RegressionsCard(self)
        self._rows = (
            CardRow(self.preference, self.cost, (56, 50), self),
            CardRow(self.kinds, self.regressions, (50, 50), self),
        )
        self.limits = wide_text("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.headline)
        head.addWidget(self.lead)
        column.addLayout(head)
        for each in (*self._rows, self.limits):
            column.addWidget(each)
        self.regressions.compare_wanted.connect(self.compare_wanted)

    def show_result(self, results: ReplayResults, result: SuccessorResult, titles: Sequence[str]) -> None:
        """Show the verdict on one successor; `titles` are those of its regressions."""
        self.headline.setText(tr(headline(results, result)))
        clauses = ", ".join(tr(each) for each in cost_and_speed(result))
        clauses = f"{clauses[:1].upper()}{clauses[1:]}." if clauses else ""
        self.lead.setText(f"{clauses} {tr(worst_kind(result))}".strip())
        self.lead.setVisible(bool(self.lead.text()))
        self.preference.show_result(results, result)
        self.cost.show_result(results, result)
        self.kinds.show_result(result)
        self.regressions.show_result(result, titles)
        self.limits.setText("\n".join(_limits(results.plan, result)))

    def stack(self, *, on: bool) -> None:
        """Stack the cards in a narrow window."""
        for row in self._rows:
            row.stack(on=on)


class DecisionView(QWidget):
    """Shows the results of a replay with `show_replay`; hides the verdict while its review is incomplete."""

    review_wanted = Signal(str)
    resume_wanted = Signal(str)
    conversation_wanted = Signal(str)
    """Emitted with the id of the conversation of a regression."""
    deleted = Signal(str)

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Decision"))
        self._services, self._tasks = services, tasks
        self._run_id = ""
        self._results: ReplayResults | None = None
        self._titles: dict[tuple[int, int], str] = {}
        """First lines of prompts by contender and item; empty for deleted conversations."""
        self._texts: ReplayTexts | None = None
        self._compared = -1
        self._outer = QStackedWidget(self)
        self._page = QWidget(self._outer)
        self.regression = RegressionView(themes, self._outer)
        self._title = ElidedLabel("", "title")
        self.review = button("", by_enter=True)
        self.export = button(tr("Export ▾"), name=tr("Export"), by_enter=True)
        self._delete = button(tr("Delete…"), "quiet", by_enter=True)
        self.question = InlineQuestion(tr("Question about the replay"))
        self._said = Paragraph("", "muted")
        self._state = Paragraph("", "warn")
        self.resume = button(tr("Resume"), by_enter=True)
        self._pick = QHBoxLayout()
        self._segments: Segments | None = None
        self._hidden = HiddenVerdict(self._page)
        self.verdict = SuccessorDecision(themes, self._page)
        self._export = DecisionExport(services, tasks, self._say, self)
        self._menu = Menu(self.export)
        self._stopped = QWidget(self._page)
        self._build()
        self._connect()

    def show_replay(self, run_id: str) -> None:
        """Show a replay, but not its verdict while the review is incomplete."""
        if run_id != self._run_id:
            self._run_id, self._results = run_id, None
            self._titles.clear()
            self._outer.setCurrentWidget(self._page)
            self.question.clear()
            for each in (self.verdict, self._hidden, self.review, self.export, self._delete, self._stopped):
                each.hide()
            self._title.setText("")
        self._say(tr("Computing…"), well=True)
        self._tasks.start(self._load(run_id), name="replay.results", failed=self._fail)

    def focus(self) -> None:
        """Focus the next step."""
        shown = (self._hidden.resume, self.review, self.export)
        next((each for each in shown if each.isVisibleTo(self)), self.verdict.preference.plot).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the cards in a narrow window."""
        super().resizeEvent(event)
        self.verdict.stack(on=self.width() < _STACKED)

    async def _load(self, run_id: str, *, seen: bool = False) -> None:
        store = await self._services.store()
        results = await read_results(store, run_id)
        if seen or not hides_verdict(results):
            results = await read_seen_results(store, run_id)
        if run_id != self._run_id:
            return
        self._texts = ReplayTexts(store)
        if not hides_verdict(results):
            await self._read_titles(results)
        if run_id == self._run_id:
            self._say("", well=True)
            self._results = results
            self._show()

    async def _read_titles(self, results: ReplayResults) -> None:
        assert self._texts is not None
        for result in results.successors:
            for each in result.regressions:
                request = await self._texts.request(results.plan.items[each.item])
                prompt = request.prompt.text if request is not None else ""
                files = ", ".join(file.name for file in request.prompt.files) if request is not None else ""
                title = _first_line(prompt) or files or (tr("Prompt without text") if request is not None else "")
                self._titles[each.contender, each.item] = title

    def _show(self) -> None:
        results = self._results
        if results is None:
            return
        hidden = hides_verdict(results)
        names = ", ".join(model_name(each.model) for each in results.successors)
        self._title.setText(tr("Replay: {old} → {new}", old=model_name(results.plan.of), new=names))
        self.review.setText(
            trn("Review {n} more", "Review {n} more", results.to_review)
            if results.reviewed
            else trn("Review {n} pair", "Review {n} pairs", results.to_review)
        )
        self.review.setAccessibleName(self.review.text())
        self.review.setVisible(bool(results.to_review) and not hidden)
        self.export.setVisible(not hidden and self._export.is_allowed)
        self._delete.show()
        self._state.setText(_state_text(results))
        self._stopped.setVisible(bool(self._state.text()))
        self.resume.setVisible(results.state is not RunState.RUNNING)
        self._hidden.setVisible(hidden)
        self._hidden.show_left(results.to_review)
        self._show_successors(results, hidden=hidden)
        self.verdict.setVisible(not hidden)
        if not hidden:
            self._show_successor()

    def _show_successors(self, results: ReplayResults, *, hidden: bool) -> None:
        """Offer the successors, if there are several."""
        if self._segments is not None:
            self._pick.removeWidget(self._segments)
            self._segments.hide()
            self._segments.deleteLater()
            self._segments = None
        if len(results.successors) > 1 and not hidden:
            names = [model_name(each.model) for each in results.successors]
            distinct = len({*names}) == len(names)
            shown = names if distinct else [each.model for each in results.successors]
            self._segments = Segments(shown, tr("Successor"), self._page)
            self._segments.chosen.connect(self._show_successor)
            self._pick.insertWidget(0, self._segments)

    @property
    def _result(self) -> SuccessorResult | None:
        """The result of the chosen successor."""
        if self._results is None:
            return None
        return self._results.successors[self._segments.current if self._segments is not None else 0]

    @Slot()
    def _show_successor(self) -> None:
        results, result = self._results, self._result
        if results is not None and result is not None:
            titles = [self._titles.get((each.contender, each.item), "") for each in result.regressions]
            self.verdict.show_result(results, result, titles)

    @Slot()
    def _show_now(self) -> None:
        """Show the verdict early, which is remembered."""
        self._tasks.start(self._load(self._run_id, seen=True), name="replay.results", failed=self._fail)

    @Slot(int)
    def _compare(self, place: int) -> None:
        results, result = self._results, self._result
        if results is not None and result is not None:
            self._compared = place
            self._tasks.start(
                self._open_regression(results, result, result.regressions[place]),
                name="replay.compare",
                failed=self._fail,
            )

    async def _open_regression(self, results: ReplayResults, result: SuccessorResult, regression: Regression) -> None:
        store, item = await self._services.store(), results.plan.items[regression.item]
        assert self._texts is not None
        request = await self._texts.request(item)
        try:
            record = await store.replays.cell(results.id, CellKey(regression.item, regression.contender, 0))
        except RunUnknown:
            record = None
        if request is None or record is None or results is not self._results:
            self._say(tr("The conversation of this answer was deleted."), well=False)
            return
        said = ", ".join(tr(SIGNALS.get(each, english(each))) for each in regression.signals)
        self.regression.show_answers(
            ComparedAnswers(
                conversation=item.conversation,
                prompt=request.prompt.text,
                names=(model_name(str(item.model)), model_name(result.model)),
                answers=(request.answer.text, record.text),
                said=said,
            )
        )
        self._outer.setCurrentWidget(self.regression)
        self.regression.focus()

    @Slot()
    def _back(self) -> None:
        self._outer.setCurrentWidget(self._page)
        self.verdict.regressions.focus_line(self._compared)

    @Slot()
    def _ask_to_delete(self) -> None:
        results = self._results
        if results is None:
            return
        name = " ".join(results.name.split())[:_LONGEST_TITLE]
        self.question.ask(
            tr("Delete this replay?"),
            (name, tr("All its responses and reviews are deleted. You cannot undo this.")),
            (
                (tr("Delete"), "danger", partial(self._delete_now, results.id)),
                (tr("Cancel"), "", self.question.clear),
            ),
            no=self.question.clear,
        )

    def _delete_now(self, run_id: str) -> None:
        self.question.clear()
        self._tasks.start(self._delete_replay(run_id), name="replay.delete", failed=self._fail)

    async def _delete_replay(self, run_id: str) -> None:
        await (await self._services.store()).replays.delete(run_id)
        self.deleted.emit(run_id)

    def _say(self, text: str, well: bool) -> None:  # noqa: FBT001 - a callback
        set_role(self._said, "role", "muted" if well else "warn")
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _fail(self, error: ParagoneError) -> None:
        self._say(sentence(error), well=False)

    def _build(self) -> None:
        for extension, (name, _) in FORMATS.items():
            self._menu.addAction(tr(name)).setData(extension)
        self.export.setMenu(self._menu)
        top = QHBoxLayout()
        top.setContentsMargins(16, 8, 16, 8)
        top.setSpacing(8)
        top.addWidget(self._title, 1)
        for each in (self.review, self.export, self._delete):
            each.hide()
            top.addWidget(each)
        stopped = QHBoxLayout(self._stopped)
        stopped.setContentsMargins(0, 0, 0, 0)
        stopped.setSpacing(12)
        self._state.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        stopped.addWidget(self._state, 1)
        stopped.addWidget(self.resume)
        self._pick.addStretch(1)
        area = QScrollArea(self._page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("role", "canvas")
        content = QWidget(inner)
        content.setMaximumWidth(_WIDEST)
        around = QHBoxLayout(inner)
        around.setContentsMargins(_MARGIN, 24, _MARGIN, _MARGIN)
        around.addWidget(content, 1)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for each in (self.question, self._said, self._stopped):
            column.addWidget(each)
        column.addLayout(self._pick)
        for each in (self._hidden, self.verdict):
            each.hide()
            column.addWidget(each)
        column.addStretch(1)
        area.setWidget(inner)
        self._said.hide()
        self._stopped.hide()
        whole = QVBoxLayout(self._page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addWidget(area, 1)
        self._outer.addWidget(self._page)
        self._outer.addWidget(self.regression)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._outer)

    def _connect(self) -> None:
        self.review.clicked.connect(lambda: self.review_wanted.emit(self._run_id))
        self._hidden.continue_wanted.connect(lambda: self.review_wanted.emit(self._run_id))
        self._hidden.show_wanted.connect(self._show_now)
        self.resume.clicked.connect(lambda: self.resume_wanted.emit(self._run_id))
        self._delete.clicked.connect(self._ask_to_delete)
        self.verdict.compare_wanted.connect(self._compare)
        self.regression.left.connect(self._back)
        self.regression.conversation_wanted.connect(self.conversation_wanted)
        for action in self._menu.actions():
            action.triggered.connect(partial(self._export_as, str(action.data())))

    def _export_as(self, extension: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's signal
        if self._results is not None:
            self._export.ask_where(self, self._results, extension)


def _first_line(text: str) -> str:
    lines = (line.strip() for line in text[:2_000].splitlines())
    return next((line[:_LONGEST_TITLE] for line in lines if line and not line.startswith(("```", "~~~"))), "")


def _state_text(results: ReplayResults) -> str:
    """Describe a replay that is not complete, or return an empty string."""
    done, whole = number_text(results.answered), number_text(results.plan.calls)
    match results.state:
        case RunState.COMPLETE:
            return ""
        case RunState.CAPPED:
            said = tr("The replay was stopped at its cost cap after {n} of {all} responses.", n=done, all=whole)
        case RunState.RUNNING:
            return tr("The replay is still running: {n} of {all} responses.", n=done, all=whole)
        case _:
            said = tr("The replay was stopped after {n} of {all} responses.", n=done, all=whole)
    return f"{said} {tr(results.reason)}".strip()


def _limits(plan: ReplayPlan, result: SuccessorResult) -> list[str]:
    """Return what was not replayed, not sent or failed, and where the incumbent's answers come from."""
    said: list[str] = []
    left_out = ", ".join(
        tr("{n} ({reason})", n=number_text(number), reason=tr(EXCLUDED.get(reason, english(reason))))
        for reason, number in sorted(plan.excluded.items(), key=lambda each: -each[1])
        if number
    )
    if left_out:
        said.append(tr("Not replayed: {reasons}.", reasons=left_out))
    if plan.dropped:
        names = ", ".join(plan.dropped)
        said.append(tr("Not sent, because a successor does not accept them: {names}.", names=names))
    if errors := ", ".join(tr(each) for each in error_texts(result)):
        said.append(tr("Failed requests: {reasons}.", reasons=errors))
    times = [item.at for item in plan.items if item.at]
    if times:
        first, last = (day(datetime.fromtimestamp(at / 1000, UTC).astimezone()) for at in (min(times), max(times)))
        said.append(
            tr("The incumbent's answers are those in your history, {first} to {last}.", first=first, last=last)
            if first != last
            else tr("The incumbent's answers are those in your history, {day}.", day=first)
        )
    return said
