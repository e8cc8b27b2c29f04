"""The page of latency and cost: how long a model's answers took over the history, and what a chat costs at a volume."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec import Struct
from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain import now
from desktop.errors import ParagoneError
from desktop.evaluation.latency import Latency, ModelLatency, latencies
from desktop.evaluation.volume_cost import MOST_TIMES, USUAL_TIMES, ChatCost
from desktop.phrases import phrase
from desktop.services import Services
from ui import strings
from ui.compare.latency_text import (
    cost_cells,
    cost_head,
    counted_text,
    latency_cells,
    latency_head,
    priced_text,
)
from ui.compare.rows_table import RowsTable
from ui.strings import tr, trn
from ui.tasks import Tasks
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, NumberBox, refused_text
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph

_MARGIN = 24
_PERIODS = ((phrase("Whole history"), None), (phrase("Last 30 days"), 30), (phrase("Last 7 days"), 7))


class PricedChat(Struct, frozen=True):
    """A conversation that is shown: its model's name, and what it cost once."""

    name: str
    cost: ChatCost


class LatencyPage(QWidget):
    """Read anew whenever it is shown; `chats` are the conversations that stood in its place, `title` what they are."""

    left = Signal()
    """Its user is done."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        chats: Callable[[], Sequence[PricedChat]],
        title: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Latency and cost"))
        self._services = services
        self._tasks = tasks
        self._chats_of = chats
        self._title_of = title
        self._chats: Sequence[PricedChat] = ()
        self._found: Sequence[ModelLatency] = ()
        self._loading: asyncio.Task[None] | None = None
        self.period = ChoiceBox(tr("Period"))
        self.period.addItems([tr(name) for name, _ in _PERIODS])
        self.times = NumberBox(1, MOST_TIMES)
        self.times.setValue(USUAL_TIMES)
        self.costs = RowsTable(tr("Cost at volume"), cost_head(USUAL_TIMES))
        self.models = RowsTable(tr("Latency by model"), latency_head(tr("Model")))
        self.days = RowsTable(tr("Latency by day"), latency_head(tr("Day")))
        self._days_title = label("", "strong")
        self._state = label("", "muted")
        self._chat = Paragraph("", "muted")
        self._refused = Paragraph("", "warn")
        self._refused.hide()
        self._priced = Paragraph("", "muted")
        self._counted = Paragraph("", "muted")
        self._close = button(tr("Close"), "quiet")
        self._build()
        self._connect()

    def load(self) -> None:
        """Show what it costs, and read how long answers took; an earlier reading is given up."""
        self._chats = self._chats_of()
        self._chat.setText(self._title_of())
        self._chat.setVisible(bool(self._chat.text()))
        self._show_costs()
        self._read()

    def focus(self) -> None:
        """Put the keyboard on the first thing that can be changed."""
        self.times.setFocus()

    @Slot()
    def _read(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._state.setText(tr("Counting…"))
        self._loading = self._tasks.start(self._load(), name="latency.load", failed=self._fail)

    async def _load(self) -> None:
        """Beside the window: of a hundred thousand answers it takes a moment."""
        days = _PERIODS[max(self.period.currentIndex(), 0)][1]
        since = None if days is None else now() - timedelta(days=days)
        timings = await (await self._services.store()).timings.since(since)
        self._show(await asyncio.to_thread(latencies, timings))

    def _show(self, found: Sequence[ModelLatency]) -> None:
        self._found = found
        self._show_days(None)
        self.models.rows.show([latency_cells(str(each.model), each.whole) for each in found])
        whole = [each.whole for each in found]
        self._state.setText(trn("{n} response", "{n} responses", sum(each.answers for each in whole)))
        self._counted.setText(counted_text(whole))
        self.models.setVisible(bool(found))

    def _show_costs(self) -> None:
        self._refused.hide()
        times = round(self.times.value())
        head = cost_head(times)
        self.costs.rows.show([cost_cells(each.name, each.cost, times) for each in self._chats], head)
        self._priced.setText(priced_text([each.cost for each in self._chats]))

    @Slot(str)
    def _refuse(self, typed: str) -> None:
        self._refused.setText(refused_text(self.times, typed))
        self._refused.show()

    @Slot(QModelIndex)
    def _open_row(self, index: QModelIndex) -> None:
        self._show_days(self._found[index.row()])

    def _show_days(self, model: ModelLatency | None) -> None:
        """The days of a model; nothing without one."""
        days: Sequence[tuple[str, Latency]] = [(strings.day(day), told) for day, told in model.days] if model else []
        side = "\u200f" if self.isRightToLeft() else ""  # else a model's name turns the line round
        self._days_title.setText(side + tr("{model}, day by day", model=model.model) if model else "")
        self.days.rows.show([latency_cells(day, told) for day, told in days])
        for each in (self.days, self._days_title):
            each.setVisible(bool(days))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 10)
        top.setSpacing(12)
        for each in (self.period, self._state):
            top.addWidget(each)
        top.addStretch(1)
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
        column.setSpacing(12)
        column.addWidget(label(tr("Cost at volume"), "strong"))
        column.addWidget(self._chat)
        column.addLayout(volume)
        column.addWidget(self._refused)
        column.addWidget(self.costs)
        column.addWidget(self._priced)
        column.addSpacing(12)
        column.addWidget(label(tr("Latency by model"), "strong"))
        column.addWidget(self.models)
        column.addWidget(self._counted)
        column.addSpacing(8)
        column.addWidget(self._days_title)
        column.addWidget(self.days)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
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
