"""Cards of the latency and cost page: percentiles by day, one dot for each response, and costs by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.metrics.chart_series import CostStep, DatedCosts, far_end, percentiles_by_day, sampled
from desktop.metrics.latency import FEWEST, ModelLatency, TimeMeasure
from desktop.text.phrases import phrase
from ui.base.figures_text import money
from ui.base.model_marks import ModelMarks
from ui.base.strings import day, number_text, tr, trn
from ui.base.theme import Theme, distinct_marks, mark_index
from ui.charts.chart_card import ChartCard, ChartTable, TableColumn
from ui.charts.day_charts import BarPart, ChartLine, DayBar, LineChart, LinePoint, StackedBars
from ui.charts.strip_chart import StripChart, StripRow
from ui.compare.latency_text import MEASURE_TEXTS, model_names, money_tick, seconds_tick

MOST_MODELS = 8
"""Number of models in a chart, which is that of the colors that can be told apart. The table has all."""
MOST_DOTS = 201
"""Number of responses of a model that are shown as dots. Odd, so that the median is one of them."""
_STEPS = {
    CostStep.DAY: phrase("Cost per day"),
    CostStep.WEEK: phrase("Cost per week"),
    CostStep.MONTH: phrase("Cost per month"),
}


def model_colours(models: Sequence[ModelRef], marks: ModelMarks, theme: Theme) -> Mapping[ModelRef, str]:
    """Return the colors of models: distinct ones for the first eight, which keep those of their panes."""
    first = models[:MOST_MODELS]
    indexes = distinct_marks(first, _unique([marks.kept.get(each) for each in first]))
    found = {each: mark_index(each) for each in models} | dict(zip(first, indexes, strict=True))
    return {each: theme.panes[index] for each, index in found.items()}


def _unique(indexes: Sequence[int | None]) -> list[int | None]:
    return [None if each in indexes[:at] else each for at, each in enumerate(indexes)]


def charted(models: Sequence[ModelLatency], measure: TimeMeasure) -> list[ModelLatency]:
    """Return the models with the most responses, in the given order, as many as a chart shows."""
    with_any = [each for each in models if each.values[measure]]
    most = sorted(with_any, key=lambda each: -len(each.values[measure]))[:MOST_MODELS]
    return [each for each in with_any if each in most]


def left_out_text(left_out: int) -> str:
    """Say how many models only the table has."""
    if not left_out:
        return ""
    return trn("{n} more model is only in the table.", "{n} more models are only in the table.", left_out)


class PercentilesCard(ChartCard):
    """Line of p50 and band from p5 to p95, by model and day."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        chart = LineChart("", theme, seconds_tick)
        super().__init__(tr("Latency by day"), chart, tr("No response was measured."), "latency-by-day", parent)
        self.note.setText(tr("p50 line, p5 to p95 band"))
        self._lines = chart

    def show_models(
        self, models: Sequence[ModelLatency], measure: TimeMeasure, colours: Mapping[ModelRef, str]
    ) -> None:
        """Show a measure of models."""
        texts, names = MEASURE_TEXTS[measure], model_names([each.model for each in models])
        self.rename(tr("{measure} by day", measure=tr(texts.name)))
        shown = charted(models, measure)
        found = {each.model: percentiles_by_day(each, measure) for each in models}
        lines = [
            ChartLine(
                names[ref],
                colours[ref],
                [LinePoint(each.day, each.median, each.low, each.high) for each in found[ref]],
                partial(_percentiles_text, names[ref], texts.text),
            )
            for ref in (each.model for each in shown)
        ]
        self._lines.tick = texts.tick
        self._lines.show_lines(lines)
        text = texts.text
        columns = (
            TableColumn(tr("Model")),
            TableColumn(tr("Day")),
            *(TableColumn(title, text, texts.unit) for title in (tr("p50"), tr("p95"), tr("p5"))),
            TableColumn(tr("Responses"), _count),
        )
        rows = [
            (names[ref], each.day, each.median, each.high, each.low, float(each.answers))
            for ref, days in found.items()
            for each in days
        ]
        below = left_out_text(sum(bool(each.values[measure]) for each in models) - len(shown))
        if any(row[4] is None for row in rows):
            few = tr("The band needs at least {n} responses on a day.", n=number_text(FEWEST))
            below = f"{few} {below}".strip()
        self.show_chart(
            _days_sentence(lines), ChartTable(columns, rows), [(e.name, e.colour) for e in lines], below=below
        )


def _percentiles_text(name: str, text: Callable[[float], str], each: LinePoint) -> str:
    at, median = day(each.day), text(each.value)
    if each.high is None:
        return tr("{model}, {day}: p50 {median}", model=name, day=at, median=median)
    return tr("{model}, {day}: p50 {median}, p95 {high}", model=name, day=at, median=median, high=text(each.high))


def _days_sentence(lines: Sequence[ChartLine]) -> str:
    days = [each.day for line in lines for each in line.points]
    if not days:
        return ""
    return trn(
        "p50 and p95 of {n} model from {first} to {last}.",
        "p50 and p95 of {n} models from {first} to {last}.",
        len(lines),
        first=day(min(days)),
        last=day(max(days)),
    )


def _count(value: float) -> str:
    return number_text(round(value))


class ResponsesCard(ChartCard):
    """One dot for each response, in a row for each model, with the median marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        chart = StripChart("", theme, seconds_tick)
        super().__init__(tr("Latency by model"), chart, tr("No response was measured."), "responses", parent)
        self.note.setText(tr("every response, median marked"))
        self._strips = chart

    def show_models(
        self, models: Sequence[ModelLatency], measure: TimeMeasure, colours: Mapping[ModelRef, str]
    ) -> None:
        """Show a measure of models."""
        texts, names = MEASURE_TEXTS[measure], model_names([each.model for each in models])
        self.rename(tr("{measure} by response", measure=tr(texts.name)))
        shown = charted(models, measure)
        rows: list[StripRow] = []
        for model in shown:
            name, values, whole = names[model.model], model.values[measure], model.whole.of(measure)
            middle = whole.median if whole is not None else 0.0
            said = trn(
                "{model}: p50 {median}, {n} response",
                "{model}: p50 {median}, {n} responses",
                len(values),
                model=name,
                median=texts.text(middle),
            )
            one = partial(_one_response, name, texts.text)
            rows.append(StripRow(name, colours[model.model], sampled(values, MOST_DOTS), middle, said, one))
        end = far_end(shown, measure)
        self._strips.tick = texts.tick
        self._strips.show_rows(rows, end)
        sampled_models = any(len(each.values[measure]) > MOST_DOTS for each in shown)
        self.note.setText(tr("median marked") if sampled_models else tr("every response, median marked"))
        text = texts.text
        columns = (
            TableColumn(tr("Model")),
            *(TableColumn(title, text, texts.unit) for title in (tr("p50"), tr("p95"), tr("p5"))),
            *(TableColumn(title, text, texts.unit) for title in (tr("Minimum"), tr("Maximum"))),
            TableColumn(tr("Responses"), _count),
        )
        table = [
            (names[each.model], found.median, found.p95, found.p5, min(values), max(values), float(len(values)))
            for each in models
            if (values := each.values[measure]) and (found := each.whole.of(measure)) is not None
        ]
        below = [left_out_text(len(table) - len(shown))]
        if sampled_models:
            below.append(
                tr(
                    "Of models with more than {n} responses, {n} are shown, evenly spaced from the smallest to the "
                    "largest value.",
                    n=number_text(MOST_DOTS),
                )
            )
        last = self._strips.end
        if beyond := sum(value > last for each in shown for value in each.values[measure]):
            below.append(
                trn(
                    "{n} response is beyond the scale and shown at its end.",
                    "{n} responses are beyond the scale and shown at its end.",
                    beyond,
                )
            )
        sentence = trn(
            "every response of {n} model, with the median.", "every response of {n} models, with the median.", len(rows)
        )
        self.show_chart(sentence, ChartTable(columns, table), below=" ".join(filter(None, below)))


def _one_response(name: str, text: Callable[[float], str], value: float) -> str:
    return tr("{name}: {value}", name=name, value=text(value))


class SpendingCard(ChartCard):
    """Stacked bar for each day, with a part for each model."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        chart = StackedBars("", theme, money_tick)
        super().__init__(tr("Cost per day"), chart, tr("No costs in this period."), "costs", parent)
        self._bars = chart

    def show_costs(self, costs: DatedCosts, colours: Mapping[ModelRef, str], budget: float, theme: Theme) -> None:
        """Show costs, beside the monthly budget if there is one."""
        refs = [each for each in costs.models if each is not None]
        names: dict[ModelRef | None, str] = {**model_names(refs), None: tr("Runs and replays")}
        total = money(costs.usd)
        self.rename(tr(_STEPS[costs.step]))
        if budget:
            self.note.setText(tr("{usd} in total; budget {budget} per month", usd=total, budget=money(budget)))
        else:
            self.note.setText(tr("{usd} in total", usd=total))
        own = [each for each in costs.models if each is None or each in refs[:MOST_MODELS]]
        bars: list[DayBar] = []
        for at, spent in costs.costs:
            parts = [
                BarPart(_colour(model, colours, theme), spent[model], _spent(names[model], at, spent[model]))
                for model in own
                if spent.get(model)
            ]
            if rest := sum(usd for model, usd in spent.items() if model not in own):
                parts.append(BarPart(theme.edge, rest, _spent(tr("Other models"), at, rest)))
            bars.append(DayBar(at, parts))
        self._bars.show_bars(bars)
        legend = [(names[model], _colour(model, colours, theme)) for model in own]
        if len(own) < len(costs.models):
            legend.append((tr("Other models"), theme.edge))
        columns = (TableColumn(tr("Model")), TableColumn(tr("Day")), TableColumn(tr("Cost"), money, "USD"))
        rows = [
            (names[model], at, spent[model]) for at, spent in costs.costs for model in costs.models if model in spent
        ]
        days = [at for at, _ in costs.costs]
        sentence = (
            tr("{usd} from {first} to {last}.", usd=total, first=day(min(days)), last=day(max(days))) if days else ""
        )
        self.show_chart(sentence, ChartTable(columns, rows), legend)


def _colour(model: ModelRef | None, colours: Mapping[ModelRef, str], theme: Theme) -> str:
    return theme.muted if model is None else colours[model]


def _spent(name: str, at: date, usd: float) -> str:
    return tr("{model}, {day}: {cost}", model=name, day=day(at), cost=money(usd))
