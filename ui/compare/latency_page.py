"""Latency and cost page: what the history shows in a sentence, charts, and costs at a given volume."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec import Struct
from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop.domain.conversation_types import now
from desktop.errors import ParagoneError
from desktop.metrics.chart_series import CostStep, DatedCosts, costs_by_day
from desktop.metrics.latency import Latency, ModelLatency, TimeMeasure, latencies
from desktop.metrics.volume_cost import MOST_TIMES, USUAL_TIMES, ChatCost
from desktop.services import Services
from desktop.settings.schema import BUDGET
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.icons import icon
from ui.base.model_marks import ModelMarks
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.charts.chart_card import CardRow, TitledCard
from ui.compare.history_cards import PercentilesCard, ResponsesCard, SpendingCard, model_colours
from ui.compare.latency_text import (
    MEASURE_TEXTS,
    cost_cells,
    cost_head,
    counted_text,
    finding_text,
    latency_cells,
    latency_head,
    model_names,
    priced_text,
)
from ui.widgets.inputs import ChoiceBox, NumberBox, refused_text
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

_STACKED = 900
"""Width in pixels below which cards are stacked."""
_MARGIN = 24
_PERIODS = ((phrase("All time"), None), (phrase("Last 30 days"), 30), (phrase("Last 7 days"), 7))


class PricedChat(Struct, frozen=True):
    """A visible conversation with the name of its model and its cost."""

    name: str
    cost: ChatCost


class LatencyPage(QWidget):
    """Page with the latency and cost of models, reloaded whenever it is shown.

    `chats` returns the conversations that were shown before, and `title` describes them.
    """

    left = Signal()
    """Emitted when the user closes the page."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        looks: tuple[Themes, ModelMarks],
        chats: Callable[[], Sequence[PricedChat]],
        title: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Latency and cost"))
        self._services = services
        self._tasks = tasks
        self._themes, self._marks = looks
        self._chats_of = chats
        self._title_of = title
        self._chats: Sequence[PricedChat] = ()
        self._found: Sequence[ModelLatency] = ()
        self._spent = DatedCosts(CostStep.DAY, (), ())
        self._loading: asyncio.Task[None] | None = None
        self.period = ChoiceBox(tr("Period"))
        self.period.addItems([tr(name) for name, _ in _PERIODS])
        self.measure = ChoiceBox(tr("Measure"))
        self.measure.addItems([tr(each.name) for each in MEASURE_TEXTS.values()])
        theme = self._themes.current
        self.finding = Paragraph("", "heading")
        self.percentiles, self.responses = PercentilesCard(theme, self), ResponsesCard(theme, self)
        self.spending, self._volume = SpendingCard(theme, self), TitledCard(tr("Cost at volume"), self)
        self.times = NumberBox(1, MOST_TIMES)
        self.times.setValue(USUAL_TIMES)
        self.costs = RowsTable(tr("Cost at volume"), cost_head())
        self.models = RowsTable(tr("Latency by model"), latency_head(tr("Model")))
        self.days = RowsTable(tr("Latency by day"), latency_head(tr("Day")))
        self._models_title, self._days_title = label(tr("Latency by model"), "strong"), label("", "strong")
        self._state = label("", "muted")
        self._chat = Paragraph("", "muted")
        self._refused = Paragraph("", "warn")
        self._refused.hide()
        self._priced = Paragraph("", "muted")
        self._counted = Paragraph("", "muted")
        self._close = QToolButton()
        self._rows = (
            CardRow(self.percentiles, self.responses, (1, 1), self),
            CardRow(self.spending, self._volume, (1, 1), self),
        )
        self._build()
        self._connect()

    def load(self) -> None:
        """Show costs and load response times, canceling an earlier load."""
        self._chats = self._chats_of()
        self._chat.setText(self._title_of())
        self._chat.setVisible(bool(self._chat.text()))
        self._show_costs()
        self._read()

    def focus(self) -> None:
        """Focus the first control."""
        self.times.setFocus()

    @Slot()
    def _read(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._state.setText(tr("Counting…"))
        self._loading = self._tasks.start(self._load(), name="latency.load", failed=self._fail)

    async def _load(self) -> None:
        """Load response times and costs in a thread, because a hundred thousand responses take a moment."""
        days = _PERIODS[max(self.period.currentIndex(), 0)][1]
        since = None if days is None else now() - timedelta(days=days)
        store = await self._services.store()
        timings, costs = await store.timings.since(since), await store.timings.costs(since)
        self.show_history(await asyncio.to_thread(latencies, timings), await asyncio.to_thread(costs_by_day, costs))

    def show_history(self, found: Sequence[ModelLatency], spent: DatedCosts) -> None:
        """Show the response times of models, and what was spent."""
        self._found, self._spent = found, spent
        self._show_charts()
        self._show_days(None)
        self.models.rows.show([latency_cells(str(each.model), each.whole) for each in found])
        whole = [each.whole for each in found]
        self._state.setText(trn("{n} response", "{n} responses", sum(each.answers for each in whole)))
        self._counted.setText(counted_text(whole))
        for each in (self.models, self._models_title, self._counted, self._rows[0]):
            each.setVisible(bool(found))

    @Slot()
    def _show_charts(self) -> None:
        """Show the chosen measure in the colors of the current theme."""
        theme, found, spent = self._themes.current, self._found, self._spent
        measure = list(TimeMeasure)[max(self.measure.currentIndex(), 0)]
        most = sorted(found, key=lambda each: -each.whole.answers)
        refs = [each.model for each in most] + [each for each in spent.models if each is not None]
        colours = model_colours(list(dict.fromkeys(refs)), self._marks, theme)
        said = finding_text(found, measure, model_names([each.model for each in found]))
        if not said and self.period.currentIndex():
            said = tr("No responses in this period.")
        self.finding.setText(said or tr("Response times and costs appear here after the first response."))
        for card in (self.percentiles, self.responses, self.spending):
            card.themed(theme)
        for card in (self.percentiles, self.responses):
            card.show_models(found, measure, colours)
        self.spending.show_costs(spent, colours, self._services.settings.get(BUDGET), theme)
        self.spending.setVisible(bool(found or spent.costs))
        self._close.setIcon(icon("x", theme.muted, 14))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the cards if there is no room for two side by side."""
        super().resizeEvent(event)
        for row in self._rows:
            row.stack(on=self.width() < _STACKED)

    def _show_costs(self) -> None:
        self._refused.hide()
        times = round(self.times.value())
        self.costs.rows.show([cost_cells(each.name, each.cost, times) for each in self._chats])
        self._priced.setText(priced_text([each.cost for each in self._chats]))

    @Slot(str)
    def _refuse(self, typed: str) -> None:
        self._refused.setText(refused_text(self.times, typed))
        self._refused.show()

    @Slot(QModelIndex)
    def _open_row(self, index: QModelIndex) -> None:
        self._show_days(self._found[index.row()])

    def _show_days(self, model: ModelLatency | None) -> None:
        """Show a model's response times by day, or nothing for None."""
        days: Sequence[tuple[str, Latency]] = [(strings.day(day), told) for day, told in model.days] if model else []
        side = "\u200f" if self.isRightToLeft() else ""  # else a model's name turns the line round
        self._days_title.setText(side + tr("{model} by day", model=model.model) if model else "")
        self.days.rows.show([latency_cells(day, told) for day, told in days])
        for each in (self.days, self._days_title):
            each.setVisible(bool(days))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(12)
        for each in (self.measure, self.period, self._state):
            top.addWidget(each)
        top.addStretch(1)
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName(tr("Close"))
        self._close.setToolTip(tr("Close"))
        top.addWidget(self._close)
        volume = QHBoxLayout()
        volume.setSpacing(8)
        self.times.setAccessibleName(tr("Conversations per month"))
        self.times.setFixedWidth(150)
        volume.addWidget(label(tr("Conversations per month")))
        volume.addWidget(self.times)
        volume.addStretch(1)
        inner = QWidget()
        inner.setProperty("role", "canvas")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_MARGIN, 16, _MARGIN, _MARGIN)
        column.setSpacing(16)
        column.addWidget(self.finding)
        for row in self._rows:
            column.addWidget(row)
        self._volume.column.addWidget(self._chat)
        self._volume.column.addLayout(volume)
        for each in (self._refused, self.costs, self._priced):
            self._volume.column.addWidget(each)
        self._volume.column.addStretch(1)
        column.addWidget(self._models_title)
        column.addWidget(self.models)
        column.addWidget(self._counted)
        column.addSpacing(8)
        column.addWidget(self._days_title)
        column.addWidget(self.days)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addWidget(area, 1)

    def _connect(self) -> None:
        self.period.activated.connect(self._read)
        self.measure.activated.connect(self._show_charts)
        self._themes.changed.connect(self._show_charts)
        self.times.valueChanged.connect(self._show_costs)
        self.times.refused.connect(self._refuse)
        self.models.activated.connect(self._open_row)
        self.models.clicked.connect(self._open_row)
        self._close.clicked.connect(self.left)
        away = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        away.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        away.activated.connect(self.left)

    def _fail(self, error: ParagoneError) -> None:
        self._state.setText(strings.sentence(error))
