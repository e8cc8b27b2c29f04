"""`models latency` and `conversations cost`: what is told of the answers that are kept."""

from __future__ import annotations

import json

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Usage
from desktop.domain.events import Finished, TextDelta, UsageUpdate
from desktop.errors import ServerFailed
from desktop.text.phrases import english
from tests.desktop.terminal.conftest import Desk

USED = UsageUpdate(usage=Usage(input_tokens=1000, output_tokens=100))
ANSWER = (TextDelta(text="so"), TextDelta(text=" it is"), USED, Finished(reason="stop"))


async def asked(desk: Desk, *scripts: list[object]) -> None:
    """Some answers of one model, kept."""
    desk.provider.scripts = [*scripts]  # type: ignore[list-item]
    await desk.run("ask", "--model", "lab/scripted", "--times", str(len(scripts)), "--save", "why?")
    desk.look()


async def test_answers_are_counted_and_errors_are_left_out(desk: Desk) -> None:
    await asked(desk, [*ANSWER], [*ANSWER], [ServerFailed(english("It broke."))])
    assert await desk.run("models", "latency", "--json") == 0
    (told,) = json.loads(desk.out)
    assert (told["model"], told["connection"], told["name"]) == ("lab/scripted", "lab", "scripted")
    assert (told["answers"], told["left_out"]) == (2, {"held_back": 0, "errors": 1, "stopped": 0})
    assert (told["duration_ms"]["answers"], told["duration_ms"]["p95"]) == (2, None)
    assert [day["answers"] for day in told["days"]] == [2]


async def test_as_text_few_answers_are_said_and_what_is_left_out(desk: Desk) -> None:
    await asked(desk, [*ANSWER], [ServerFailed(english("It broke."))])
    assert await desk.run("models", "latency", "--by-day", "--days", "7") == 0
    model, day = desk.out.splitlines()
    assert model.startswith("lab/scripted\t1\t")
    assert day.split("\t")[1:] == model.split("\t")[1:]
    assert "Not counted: 0 buffered on the way, 1 failed or interrupted" in desk.err
    assert "Percentiles need at least 20 responses." in desk.err


async def test_a_model_without_answers_is_named(desk: Desk) -> None:
    assert await desk.run("models", "latency") == 0
    assert "There are no responses yet." in desk.err
    assert await desk.run("models", "latency", "--model", "lab/other") == 1
    assert "There are no responses from lab/other." in desk.err


async def test_a_comparison_costs_at_a_volume_what_its_panes_cost(desk: Desk) -> None:
    desk.services.catalog = Catalog([Entry(id="scripted", price_in=2.0, price_out=8.0)])
    await asked(desk, [*ANSWER], [*ANSWER])
    (comparison,) = await (await desk.services.store()).comparisons.list()
    assert await desk.run("conversations", "cost", comparison.id, "--times", "1000", "--json") == 0
    told = json.loads(desk.out)
    assert [(each["usd_once"], each["usd"], each["unknown"]) for each in told] == [(0.0028, 2.8, None)] * 2
    desk.look()
    assert await desk.run("conversations", "cost", comparison.conversations[0]) == 0
    assert desk.out == "lab/scripted\t1\t$0.002800\t$28.00\n"


async def test_an_unknown_price_is_said(desk: Desk) -> None:
    await asked(desk, [*ANSWER], [*ANSWER])
    (one, _) = await (await desk.services.store()).conversations.list()
    assert await desk.run("conversations", "cost", one.id) == 1
    assert desk.out == "lab/scripted\t1\tprice unknown\t\n"
