"""Cards of the decision page: preference, cost and speed, kinds of prompt, and the clearest regressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.replay.replay_results import KindResult, ModelFigures, ReplayResults, SuccessorResult
from desktop.replay.signals import Signal as AnswerSignal
from desktop.reports.replay_text import (
    SIGNALS,
    computation_texts,
    control_texts,
    interval_sentence,
    interval_text,
    judge_agreement,
    kind_text,
    method_text,
    model_name,
    qualification,
    sample_text,
    signal_texts,
    signed_points,
    time_text,
)
from desktop.text.phrases import Phrase, english
from ui.base.figures_text import money
from ui.base.strings import decimal, number_text, tr
from ui.base.theme import Theme, Themes
from ui.charts.chart_card import TitledCard
from ui.replay.card_table import CardTable, PaintedInterval
from ui.replay.preference_plot import PlottedPreference, PreferencePlot, points_of
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, Role, hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover

_EXPLAINED = 552
"""Width of the explanation in pixels."""
_SIMILAR = 0.02
"""Relative change below which a figure counts as unchanged."""
_SECOND = 1000.0
_WIDEST_SIGNALS = 240


def sentences(texts: Sequence[Phrase]) -> str:
    """Return phrases as one text, translated."""
    return " ".join(tr(each) for each in texts if each)


def wide_text(text: str = "", role: Role = "") -> Paragraph:
    """Return a paragraph that may be lower than at its preferred width, so that a wide page has no empty space."""
    made = Paragraph(text, role)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return made


class PreferenceCard(TitledCard):
    """Net preference with its interval, how it was measured, and an explanation."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(tr("Preference, successor minus incumbent"), parent)
        self.plot = PreferencePlot(themes.current, self)
        self._said = wide_text("", "muted")
        self._tally = wide_text("", "")
        self.explaining = button(tr("How this is computed"), "link", by_enter=True)
        self._explained: Sequence[Phrase] = ()
        self._popover: Popover | None = None
        for each in (self.plot, self._tally, self._said):
            self.column.addWidget(each)
        self.column.addWidget(self.explaining, 0, Qt.AlignmentFlag.AlignLeading)
        self.column.addStretch(1)
        self.explaining.clicked.connect(self._explain)
        themes.changed.connect(self._themed)

    def show_result(self, results: ReplayResults, result: SuccessorResult) -> None:
        """Show the preference for a successor."""
        plan, tally = results.plan, result.tally
        self.plot.show_preference(_preference(results, result), plan.margin)
        self._tally.setText(
            tr(
                "Won {wins}, tied {ties}, lost {losses}. Both bad: {bad}. Skipped: {skipped}.",
                wins=number_text(tally.wins),
                ties=number_text(tally.ties),
                losses=number_text(tally.losses),
                bad=number_text(tally.both_bad),
                skipped=number_text(tally.skipped),
            )
        )
        self._tally.setVisible(bool(tally.judged or tally.skipped))
        interval = (
            (interval_sentence(plan, result.low, result.high),)
            if result.low is not None and result.high is not None
            else ()
        )
        method = method_text(results, result)
        self._said.setText(
            sentences((*interval, qualification(result), sample_text(plan), method, judge_agreement(result)))
        )
        self._explained = computation_texts(results, result)
        self.explaining.setVisible(result.theta is not None)

    @Slot()
    def _explain(self) -> None:
        if self._popover is not None:
            self._popover.deleteLater()
        self._popover = Popover(tr("How this is computed"), self.window())
        self._popover.setFixedWidth(_EXPLAINED)
        self._popover.column.addWidget(label(tr("How this is computed"), "title"))
        for each in self._explained:
            self._popover.column.addWidget(Paragraph(tr(each)))
        where = Paragraph(tr("The page “Successor” of the documentation has the formulas and their sources."), "muted")
        self._popover.column.addWidget(where)
        closing = button(tr("Close"), by_enter=True)
        closing.clicked.connect(self._popover.hide)
        self._popover.column.addWidget(closing, 0, Qt.AlignmentFlag.AlignTrailing)
        self._popover.setAccessibleDescription(sentences(self._explained))
        self._popover.open_at(self.explaining)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.plot.themed(theme)


def _preference(results: ReplayResults, result: SuccessorResult) -> PlottedPreference | None:
    if result.theta is None or result.low is None or result.high is None:
        return None
    text = tr("{points} points", points=tr(signed_points(result.theta)))
    margin = f"{results.plan.margin:g}"
    described = (
        f"{text}. {tr(interval_sentence(results.plan, result.low, result.high))} "
        f"{tr('Better above 0, not worse above −{margin}, worse below −{margin}.', margin=margin)}"
    )
    low, high = points_of(result.low), points_of(result.high)
    return PlottedPreference(points_of(result.theta), low, high, results.plan.margin, text, described)


class CostCard(TitledCard):
    """Cost, time to the first token, length and refusals of both models, with the controls."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(tr("Cost and speed"), parent)
        self.table = CardTable(tr("Cost and speed"), themes, self)
        self._said = wide_text("", "muted")
        self.column.addWidget(self.table)
        self.column.addWidget(self._said)
        self.column.addStretch(1)

    def show_result(self, results: ReplayResults, result: SuccessorResult) -> None:
        """Show the figures of a successor beside the incumbent's."""
        rows: list[tuple[str, ...]] = []
        tones: dict[tuple[int, int], str] = {}
        for row in _cost_rows(result):
            if row.tone:
                tones[len(rows), 3] = row.tone
            rows.append((row.name, row.incumbent, row.successor, row.change))
        head = ("", model_name(results.plan.of), model_name(result.model), tr("Change"))
        self.table.show_rows(head, rows, tones=tones)
        self._said.setText(sentences(control_texts(results, result)))
        self._said.setVisible(bool(self._said.text()))


class CostRow(Struct, frozen=True):
    """A figure of both models; `tone` is the color of its change."""

    name: str
    incumbent: str
    successor: str
    change: str = ""
    tone: str = ""


def _cost_rows(result: SuccessorResult) -> list[CostRow]:
    rows: list[CostRow] = []
    if (cost := result.cost) is not None:
        texts = (money(cost.incumbent / cost.items), money(cost.successor / cost.items))
        rows.append(CostRow(tr("Cost per turn"), *texts, *_percent(cost)))
    if (p50 := result.ttft_ms) is not None:
        p95 = result.ttft_p95_ms or p50
        change = p50.successor - p50.incumbent
        in_seconds = max(p50.incumbent, p95.incumbent, p50.successor, p95.successor) >= _SECOND
        small = abs(change) < _SIMILAR * p50.incumbent
        time = tr("{sign}{time}", sign="−" if change < 0 else "+", time=tr(time_text(abs(change))))
        rows.append(
            CostRow(
                tr("TTFT p50 / p95"),
                _times(p50.incumbent, p95.incumbent, in_seconds=in_seconds),
                _times(p50.successor, p95.successor, in_seconds=in_seconds),
                "" if small else time,
                "" if small else "good" if change < 0 else "warn",
            )
        )
    if (tokens := result.output_tokens) is not None:
        texts = (number_text(round(tokens.incumbent)), number_text(round(tokens.successor)))
        rows.append(CostRow(tr("Output tokens"), *texts, *_percent(tokens)))
    refused = result.signals.get(AnswerSignal.REFUSED.value, 0)
    rows.append(CostRow(tr("New refusals"), "", number_text(refused), "", ""))
    return rows


def _times(p50: float, p95: float, *, in_seconds: bool) -> str:
    """Return two times in one unit, such as "2.2 / 5.1 s"."""
    if not in_seconds:
        return tr("{p50} / {p95} ms", p50=f"{p50:.0f}", p95=f"{p95:.0f}")
    return tr("{p50} / {p95} s", p50=decimal(p50 / _SECOND, 1), p95=decimal(p95 / _SECOND, 1))


def _percent(figure: ModelFigures) -> tuple[str, str]:
    """Return the relative change of a figure and its color."""
    if figure.ratio is None or abs(figure.ratio - 1) < _SIMILAR:
        return "", ""
    change = 100 * (figure.ratio - 1)
    return f"{'−' if change < 0 else '+'}{number_text(round(abs(change)))}%", "good" if change < 0 else "warn"


class KindsCard(TitledCard):
    """Results by kind of prompt."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(tr("By kind of prompt"), parent)
        self.note.setText(tr("exploratory"))
        self.table = CardTable(tr("By kind of prompt"), themes, self)
        self._none = wide_text(tr("Too few reviewed pairs of any kind."), "muted")
        self.column.addWidget(self.table)
        self.column.addWidget(self._none)
        self.column.addStretch(1)

    def show_result(self, result: SuccessorResult) -> None:
        """Show the kinds, the largest first."""
        kinds = sorted(result.by_kind, key=lambda each: -each.tally.judged)
        head = (tr("Kind"), tr("Turns"), tr("Won"), tr("Tied"), tr("Lost"), tr("Difference"))
        intervals = [
            PaintedInterval(points_of(each.low), points_of(each.theta), points_of(each.high), _tone(each))
            for each in kinds
        ]
        self.table.show_rows(head, [_kind_row(each) for each in kinds], intervals=intervals)
        self.table.setVisible(bool(kinds))
        self._none.setVisible(not kinds)


def _kind_row(kind: KindResult) -> tuple[str, ...]:
    tally = kind.tally
    counts = (tally.judged, tally.wins, tally.ties, tally.losses)
    name = kind_text(kind.kind)
    interval = tr(interval_text(kind.theta, kind.low, kind.high))
    return (tr(name), *map(number_text, counts), interval)


def _tone(kind: KindResult) -> str:
    return "good" if kind.low > 0.5 else "bad" if kind.high < 0.5 else "muted"


class RegressionLine(QWidget):
    """One regression: the first line of its prompt, its signals, and a button that compares both answers."""

    wanted = Signal()

    def __init__(self, title: str, said: str, parent: QWidget | None = None, *, is_there: bool = True) -> None:
        super().__init__(parent)
        name = ElidedLabel(title, "" if is_there else "muted")
        signals = ElidedLabel(said, "muted")
        signals.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self.compare = button(tr("Compare"), "link", tr("Compare: {name}", name=title), by_enter=True)
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(12)
        signals.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        signals.setMaximumWidth(_WIDEST_SIGNALS)
        row.addWidget(name, 1)
        row.addWidget(signals)
        row.addWidget(self.compare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.compare.setVisible(is_there)  # not before it has a parent, or it would be a window
        self.compare.clicked.connect(self.wanted)


class RegressionsCard(TitledCard):
    """The clearest regressions, worst first, and how many answers have each signal."""

    compare_wanted = Signal(int)
    """Emitted with the place of a regression in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Clearest regressions"), parent)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._none = wide_text(tr("No answer was worse, and none has a warning sign."), "muted")
        self._signals = wide_text("", "muted")
        self.column.addLayout(self._lines)
        self.column.addWidget(self._none)
        self.column.addWidget(self._signals)
        self.column.addStretch(1)

    def show_result(self, result: SuccessorResult, titles: Sequence[str]) -> None:
        """Show a successor's regressions under their titles; an empty title is a deleted conversation's."""
        while (taken := self._lines.takeAt(0)) is not None:
            if (gone := taken.widget()) is not None:
                gone.hide()
                gone.deleteLater()
        for place, (regression, title) in enumerate(zip(result.regressions, titles, strict=True)):
            said = ", ".join(tr(SIGNALS.get(each, english(each))) for each in regression.signals)
            line = RegressionLine(title or tr("Deleted conversation"), said, is_there=bool(title))
            line.wanted.connect(partial(self.compare_wanted.emit, place))
            self._lines.addWidget(line)
        self.note.setText(number_text(len(result.regressions)) if result.regressions else "")
        self._none.setVisible(not result.regressions)
        told = " · ".join(tr(each) for each in signal_texts(result))
        self._signals.setText(tr("In all answers: {signals}", signals=told) if told else "")
        self._signals.setVisible(bool(told))

    def focus_line(self, place: int) -> None:
        """Focus the button of a regression."""
        found = self._lines.itemAt(place)
        line = found.widget() if found is not None else None
        if isinstance(line, RegressionLine):
            line.compare.setFocus()
