"""Summary of a run: verdicts, scores with intervals, figures per contender, pairs and plots."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.evals.execution.result_values import ContenderResult, RunResults
from desktop.reports.run_text import CONTENDER_COLUMNS, PAIR_COLUMNS, contender_cells, names_in, pair_cells
from desktop.text.phrases import Phrase
from ui.base import strings
from ui.base.strings import tr
from ui.base.theme import Theme, Themes
from ui.evals.cell_text import duration, money, percent
from ui.evals.scatter_plot import PlottedContender, ScatterPlot
from ui.voting.interval_plot import IntervalPlot, IntervalRow
from ui.widgets.inputs import Segments
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

_WHOLE = 100.0
_MARGIN = 24
_FIRST = 2
"""Number of columns at the start that identify a pair."""


class ResultsSummary(QScrollArea):
    """Scrolling summary of a run's results, with sentences from the statistics."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._results: RunResults | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self.setWidget(inner)
        self._said = Paragraph("", "")
        self._known = Paragraph("", "muted")
        self.plot = IntervalPlot(themes.current, inner, ends=(0.0, _WHOLE))
        self.figures = RowsTable(tr("Contenders"), _texts(CONTENDER_COLUMNS), inner)
        self.pairs = RowsTable(tr("Pairs"), _texts(PAIR_COLUMNS), inner)
        self.tags = RowsTable(tr("By tag"), (tr("Tag"), tr("Cases")), inner)
        self._tags_title = label(tr("By tag"), "strong")
        self._pairs_title = label(tr("Pairs"), "strong")
        self.against = Segments([tr("Score and cost"), tr("Score and latency")], tr("Score"), inner)
        self.scatter = ScatterPlot(themes.current, inner)
        self._unplotted = Paragraph("", "muted")
        self._build(inner)
        self.clear()
        self.against.chosen.connect(self._scatter)
        themes.changed.connect(self._themed)

    def clear(self) -> None:
        """Hide everything until the results of another run are available."""
        self._results = None
        for each in self._parts:
            each.hide()

    def show_results(self, results: RunResults, said: Sequence[Phrase]) -> None:
        """Show results; `said` contains the verdicts as sentences."""
        self._results = results
        self._said.setText("\n".join(tr(each) for each in said))
        self._said.setVisible(bool(said))
        self._known.setText("\n".join(tr(each) for each in results.notices))
        self._known.setVisible(bool(results.notices))
        self._draw()
        self.figures.show()
        _show_told(self.figures, CONTENDER_COLUMNS, [contender_cells(each) for each in results.contenders])
        names = names_in(results)
        _show_told(self.pairs, PAIR_COLUMNS, [pair_cells(each, names) for each in results.pairs], last=-1)
        for each in (self.pairs, self._pairs_title):
            each.setVisible(bool(results.pairs))
        self._show_tags(results, names)

    @property
    def _parts(self) -> tuple[QWidget, ...]:
        return (
            *(self._said, self.plot, self.figures, self._known, self._pairs_title, self.pairs),
            *(self.against, self.scatter, self._unplotted, self._tags_title, self.tags),
        )

    def _show_tags(self, results: RunResults, names: Sequence[str]) -> None:
        rows = [
            (
                tr("{tag} (exploratory)", tag=each.tag) if each.exploratory else each.tag,
                strings.number_text(each.cases),
                *map(percent, each.scores),
            )
            for each in results.tags
        ]
        self.tags.rows.show(rows, (tr("Tag"), tr("Cases"), *names))
        for each in (self.tags, self._tags_title):
            each.setVisible(bool(rows))

    def _draw(self) -> None:
        results, theme = self._results, self._themes.current
        if results is None:
            return
        rows = [
            _interval(each, theme.panes[each.contender % len(theme.panes)])
            for each in sorted(results.contenders, key=lambda each: -(each.score or 0.0))
            if each.score is not None
        ]
        self.plot.show_rows(rows)
        self.plot.setVisible(bool(rows))
        self._scatter()

    @Slot()
    def _scatter(self) -> None:
        if self._results is None:
            return
        by_cost = self.against.current == 0
        theme, points = self._themes.current, list[PlottedContender]()
        for each in self._results.contenders:
            across = each.cost_usd if by_cost else each.latency_p50_ms
            if across is None or each.score is None:
                continue
            took = money(across) if by_cost else duration(across)
            text = tr("score {score}, {took}", score=percent(each.score), took=took)
            points.append(PlottedContender(each.name, across, each.score, theme.panes[each.contender % 8], text))
        farthest = max((each.across for each in points), default=0.0)
        axis = tr("run cost") if by_cost else tr("p50 latency")
        self.scatter.show_points(points, axis, money(farthest) if by_cost else duration(farthest))
        told = (each.score is not None for each in self._results.contenders)
        self.against.setVisible(any(told))
        self.scatter.setVisible(bool(points))
        self._unplotted.setText(
            tr("No contender with a score has a known cost.")
            if by_cost
            else tr("No contender with a score has a known latency.")
        )
        self._unplotted.setVisible(self.against.isVisibleTo(self) and not points)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.plot.themed(theme)
        self.scatter.themed(theme)
        self._draw()

    def _build(self, inner: QWidget) -> None:
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_MARGIN, 16, _MARGIN, _MARGIN)
        column.setSpacing(12)
        for each in self._parts:
            column.addWidget(each)
        column.setAlignment(self.against, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)


def _interval(each: ContenderResult, colour: str) -> IntervalRow:
    score = _WHOLE * (each.score or 0.0)
    low = score if each.low is None else _WHOLE * each.low
    high = score if each.high is None else _WHOLE * each.high
    text = tr("{score}% ({low}–{high})", score=f"{score:.0f}", low=f"{low:.0f}", high=f"{high:.0f}")
    return IntervalRow(each.name, low, score, high, colour, text)


def _texts(cells: Sequence[Phrase]) -> tuple[str, ...]:
    return tuple(tr(each) for each in cells)


def _show_told(
    table: RowsTable, columns: Sequence[Phrase], rows: Sequence[Sequence[Phrase]], *, last: int | None = None
) -> None:
    """Show the columns that contain anything. The `last` column moves to third place so that it is visible."""
    places = [place for place in range(len(columns)) if any(row[place] not in ("", "0") for row in rows)]
    if last is not None and len(places) > _FIRST:
        places.insert(_FIRST, places.pop(last))
    table.rows.show(
        [tuple(tr(row[place]) for place in places) for row in rows], [tr(columns[place]) for place in places]
    )
