"""Latency over the history, and what is shown at a volume, in the window."""

from __future__ import annotations

import statistics
from datetime import timedelta

import msgspec

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, Figures, ModelRef, Status, Usage, now
from desktop.metrics.volume_cost import USUAL_TIMES
from desktop.services import Services
from desktop.session.session import new_conversation
from desktop.store.store import Store
from tests.desktop.metrics.made import answer, prompt
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.ui.charts.test_charts import colours
from tests.ui.driver import Driver, driven
from tests.ui.finding import unreachable
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.charts.chart import Chart
from ui.compare.latency_page import LatencyPage
from ui.widgets.inputs import NumberBox
from ui.widgets.rows_table import RowsTable

GPT = ModelRef(connection="lab", name="gpt-4.1")


def talked(model: ModelRef) -> Conversation:
    """A conversation of one answer of a thousand tokens."""
    asked = prompt()
    told = msgspec.structs.replace(answer(tokens=1000, whole=3000.0, ttft=400.0), parent=asked.id, model=model)
    made = new_conversation(model)
    return msgspec.structs.replace(made, messages=(asked, told), current=told.id)


async def store_answer(store: Store, model: ModelRef, *, ttft: float, cost: float | None) -> None:
    """Keep a conversation whose answer ended here a moment ago."""
    made = talked(model)
    asked, told = made.messages
    streaming = msgspec.structs.replace(told, status=Status.STREAMING)
    figures = Figures(ttft_ms=ttft, duration_ms=ttft + 3000, tokens_per_second=40.0, cost=cost)
    await store.conversations.begin(msgspec.structs.replace(made, messages=(), current=None), asked, streaming)
    await store.conversations.finish(msgspec.structs.replace(told, figures=figures))


def rows(window: Driver, table: str) -> list[tuple[str, ...]]:
    """What a table shows."""
    return list(window.find(RowsTable, table).rows.rows)


async def test_a_comparison_costs_at_a_volume_pane_by_pane_and_no_price_is_made_up(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    talks = [talked(GPT), talked(REF)]
    async with driven(services, tasks, themes) as window:
        states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
        window.window.workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
        window.window.comparing.toggle_figures()
        window.push("Latency and cost")
        page = window.find(LatencyPage, "Latency and cost")
        assert unreachable(page) == []
        price = services.catalog.entry("gpt-4.1").cost(Usage(input_tokens=10, output_tokens=1000))
        assert price is not None
        assert rows(window, "Cost at volume") == [
            ("gpt-4.1", "$0.0080", f"${price * 10_000:.2f}", "1"),
            ("scripted", "price unknown", "", "1"),
        ]
        page.times.setValue(1000)
        assert rows(window, "Cost at volume")[0][2] == f"${price * 1000:.2f}"
        window.press("Esc")
        assert not window.sees("Cost at volume")
        assert window.sees("Figures")
        assert window.window.drawer.panel is not None


async def test_latencies_are_those_of_the_answers_that_are_kept_day_by_day(
    services: Services, tasks: Tasks, themes: Themes, provider: ScriptedProvider
) -> None:
    async with driven(services, tasks, themes, new_conversation(REF)) as window:
        await window.answered("Why?")
        await window.answered("And?")
        window.window.latency.toggle()
        await window.until(lambda: "2 responses" in window.said())
        ((name, answers, *_, left_out),) = rows(window, "Latency by model")
        assert (name, answers, left_out) == ("lab/scripted", "2", "0")
        assert "p95 needs at least 20 responses." in window.said()
        table = window.find(RowsTable, "Latency by model")
        table.setFocus()
        assert [each.row() for each in table.selectionModel().selectedRows()] == [0]
        window.press("Return")
        await window.until(lambda: window.sees("Latency by day"))
        assert [row[1] for row in rows(window, "Latency by day")] == ["2"]


async def test_charts_and_their_tables_have_the_numbers_of_the_store_and_the_chosen_measure(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    store = await services.store()
    for number in range(24):
        await store_answer(store, GPT, ttft=400.0 + number * 10, cost=0.25 if number % 2 else None)
        await store_answer(store, REF, ttft=900.0 + number * 10, cost=None)
    async with driven(services, tasks, themes, new_conversation(REF), width=911, height=700) as window:
        window.window.latency.toggle()
        page = window.find(LatencyPage, "Latency and cost")
        await window.until(lambda: "48 responses" in window.said())
        timings = [each.ttft_ms or 0.0 for each in await store.timings.since() if each.name == GPT.name]
        middle = round(statistics.median(timings))
        assert page.finding.text() == (
            f"gpt-4.1 starts to respond soonest, usually after {middle} ms; scripted takes 1015 ms."
        )
        assert unreachable(page) == []
        assert {each.accessibleName().partition(":")[0] for each in page.findChildren(Chart) if each.isVisible()} == {
            "Time to first token by day",
            "Time to first token by response",
            "Cost per day",
        }
        window.push("Time to first token by day: Table")
        (first, _) = rows(window, "Time to first token by day")
        assert (first[0], first[2], first[5]) == ("gpt-4.1", f"{middle} ms", "24")
        window.push("Cost per day: Table")
        assert [row[2] for row in rows(window, "Cost per day")] == ["$3.00"]
        assert await store.spent(now() - timedelta(hours=1)) == 3.0
        page.measure.setFocus()
        window.press("Down")
        assert window.sees("Total time by day: Table")
        themes.choose("dark")
        assert {*themes.current.panes} & colours(window.pixels(page.responses.chart))


async def test_without_responses_the_page_is_one_sentence(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with driven(services, tasks, themes, new_conversation(REF)) as window:
        window.window.latency.toggle()
        page = window.find(LatencyPage, "Latency and cost")
        await window.until(lambda: "0 responses" in window.said())
        assert page.finding.text() == "Response times and costs appear here after the first response."
        assert [each for each in page.findChildren(Chart) if each.isVisible()] == []
        assert not window.sees("Cost per day")
        page.period.setFocus()
        window.press("Down")
        await window.until(lambda: page.finding.text() == "No responses in this period.")
        window.push("Close")
        assert not page.isVisible()


async def test_a_number_that_will_not_do_is_told_beside_the_field_and_the_prices_stay_said(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    async with driven(services, tasks, themes, new_conversation(REF)) as window:
        window.window.latency.toggle()
        field = window.find(NumberBox, "Conversations per month")
        field.setFocus()
        field.selectAll()
        window.type("0")
        window.press("Tab")
        assert "The value must be a number from 1 to " in window.said()
        assert "Based on current list prices" in window.said()
        assert field.value() == USUAL_TIMES
        field.setValue(5_000)
        assert "The value must be" not in window.said()
