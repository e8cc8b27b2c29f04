"""Latency and cost page: response times over the history, and the cost of conversations at a given volume."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec import Struct
from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.conversation_types import now
from desktop.errors import ParagoneError
from desktop.metrics.latency import FEWEST, Latency, ModelLatency, Quantiles, latencies
from desktop.metrics.volume_cost import MOST_TIMES, USUAL_TIMES, ChatCost, NoCost
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.figures_text import duration_text, money, speed_text
from ui.base.strings import decimal, number_text, tr, trn
from ui.base.tasks import Tasks
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, NumberBox, refused_text
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.rows_table import RowsTable

_WHY = {
    NoCost.ANSWER: phrase("no complete responses yet"),
    NoCost.PRICE: phrase("price unknown"),
    NoCost.COUNT: phrase("tokens not counted"),
}


def latency_head(first: str) -> tuple[str, ...]:
    """Return the column titles for latencies; `first` is the title of the first column."""
    return (
        first,
        tr("Responses"),
        tr("TTFT"),
        tr("p95"),
        tr("Tokens per second"),
        tr("p95 (lower bound)"),
        tr("Total time"),
        tr("p95"),
        tr("Not counted"),
    )


def latency_cells(name: str, told: Latency) -> tuple[str, ...]:
    """Return a table row with medians and 95th percentiles; unknown figures are empty."""
    return (
        name,
        number_text(told.answers),
        *_ends(told.ttft_ms, duration_text, at_least=False),
        *_ends(told.speed, speed_text, at_least=True),
        *_ends(told.duration_ms, duration_text, at_least=False),
        number_text(told.left_out) if told.left_out else "0",
    )


def _ends(found: Quantiles | None, text: Callable[[float], str], *, at_least: bool) -> tuple[str, str]:
    if found is None:
        return "", ""
    end = found.p5 if at_least else found.p95
    return text(found.median), "" if end is None else text(end)


def counted_text(told: Sequence[Latency]) -> str:
    """Explain which responses are not counted and whether there are too few for p95."""
    if not told:
        return tr("No response has been measured yet.")
    held_back, errors, stopped = (
        sum(each) for each in zip(*((one.held_back, one.errors, one.stopped) for one in told), strict=True)
    )
    sentences = [tr("Medians of complete responses.")]
    if held_back + errors + stopped:
        sentences.append(
            tr(
                "Not counted: {held} buffered in transit, {errors} failed or interrupted, {stopped} stopped.",
                held=number_text(held_back),
                errors=number_text(errors),
                stopped=number_text(stopped),
            )
        )
    if any(each.answers < FEWEST for each in told):
        sentences.append(tr("p95 needs at least {n} responses.", n=number_text(FEWEST)))
    return " ".join(sentences)


def cost_head(times: int) -> tuple[str, ...]:
    """Return the column titles for the cost of `times` conversations."""
    return (
        tr("Model"),
        tr("Responses"),
        tr("One conversation"),
        trn("{n} conversation per month", "{n} conversations per month", times),
    )


def cost_cells(name: str, cost: ChatCost, times: int) -> tuple[str, ...]:
    """Return a row with the cost of one conversation and of `times` conversations, or why it is unknown."""
    whole, about = cost.at(times), "~" if cost.estimated else ""
    if cost.usd is None or whole is None:
        return name, number_text(cost.answers), tr(_WHY[cost.why or NoCost.PRICE]), ""
    return name, number_text(cost.answers), f"{about}{once_money(cost.usd)}", f"{about}{volume_money(whole)}"


def once_money(usd: float) -> str:
    """Format a small amount with two significant digits, such as "$0.000072"."""
    if not 0 < usd < 0.01:
        return money(usd)
    return tr("${amount}", amount=decimal(usd, 1 - math.floor(math.log10(usd))))


def volume_money(usd: float) -> str:
    """Format a large amount, such as "$41.20" or "$12,400"."""
    return money(usd) if usd < 1000 else tr("${amount}", amount=number_text(round(usd)))


def priced_text(costs: Sequence[ChatCost]) -> str:
    """Explain which prices are used and what is not counted."""
    said = [tr("Based on current list prices and the tokens counted in complete responses.")]
    if any(each.why is NoCost.PRICE for each in costs):
        said.append(tr("Unknown prices are not estimated."))
    return " ".join(said)


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
        """Load response times in a thread, because a hundred thousand responses take a moment."""
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
