"""Tests of the pane's pure parts: words, versions of messages, the picker's offers."""

from __future__ import annotations

from datetime import date

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import (
    Auth,
    Connection,
    Conversation,
    Figures,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Usage,
    now,
)
from desktop.providers.provider import ModelInfo
from desktop.system.paths import resources
from tests.ui.transcript.makers import answer, prompt
from ui.base import figures_text
from ui.pane import model_picker, tree

TODAY = date(2026, 11, 24)
REF = ModelRef(connection="foundry", name="grok-3-mini")


def conversation(*messages: Message, current: str) -> Conversation:
    at = now()
    return Conversation(id="c", title="t", model=REF, created_at=at, updated_at=at, current=current, messages=messages)


def test_versions_are_counted_and_lead_to_their_newest_leaf() -> None:
    one, two = prompt("One?"), prompt("Two?")
    first, second, after = answer("1", one.id), answer("2", one.id), answer("3", two.id)
    talk = conversation(one, first, second, two, after, current=first.id)
    assert tree.branches(talk) == {one.id: (1, 2, 2, 1), first.id: (1, 2, 2, 0)}
    assert tree.leaf_of_version(talk, first.id, 1) == second.id
    assert tree.leaf_of_version(talk, one.id, 1) == after.id
    assert tree.leaf_of_version(talk, two.id, 1) == second.id
    assert tree.leaf_of_version(talk, after.id, 1) is None
    assert tree.leaf_of_version(talk, "nobody", 1) is None


def test_figures_are_said_as_drawn() -> None:
    message = msgspec.structs.replace(
        answer("x"),
        figures=Figures(ttft_ms=412.4, tokens_per_second=88.2, cost=0.00031),
        usage=Usage(output_tokens=231),
    )
    assert figures_text.figures_of(message) == [
        ("412 ms", "TTFT"),
        ("88", "tok/s"),
        ("231", "tokens"),
        ("$0.0003", ""),
    ]
    assert figures_text.figures_of(prompt("x")) == []


def test_money_shows_the_digits_that_say_something() -> None:
    said = [figures_text.money(usd) for usd in (0, 0.00001, 0.0003, 0.02, 3.5)]
    assert said == ["$0", "<$0.0001", "$0.0003", "$0.020", "$3.50"]


def test_parameters_are_short_in_the_header() -> None:
    values = Parameters(values={"temperature": 0.7, "reasoning_effort": "low", "stop": ["a", "b"]})
    assert figures_text.parameters_text(values) == "temp 0.7   effort low   stop a, b"


def test_a_retired_model_says_since_when_and_what_replaces_it() -> None:
    catalog = Catalog.load(resources() / "catalog.toml")
    made = model_picker.offer(REF, ModelInfo(name="grok-3-mini"), catalog, TODAY)
    assert made.mark == "retired 1 May 2026, successor grok-4.1-fast-reasoning"
    assert made.detail == "$0.25 in, $1.27 out per 1M · 131k context · reasoning"
    assert "foundry" in made.spoken


def test_estimates_name_no_price_where_there_is_none() -> None:
    assert figures_text.estimate_text([(1, Entry(id="m"))]) == "~1 token"
    assert figures_text.estimate_text([(12, Entry(id="m", price_in=0.0))]) == "~12 tokens"
    priced, other = Entry(id="m", price_in=100.0), Entry(id="n", price_in=200.0)
    assert figures_text.estimate_text([(10, priced), (10, other)]) == "~20 tokens · $0.0030"
    assert figures_text.estimate_text([(10, priced), (10, Entry(id="free"))]) == "~20 tokens"
    assert figures_text.estimate_text([]) == "~0 tokens"


def test_offers_are_sought_by_every_word_and_typed_names_are_taken() -> None:
    lab = Connection(name="foundry", kind=Kind.OPENAI_V1, url="http://127.0.0.1/v1", auth=Auth.NONE)
    known = [model_picker.Offer(ModelRef(connection="foundry", name=name), name) for name in ("gpt-4.1", "gpt-4o")]
    assert [each.name for each in model_picker.sought(known, "GPT 4.1", [lab])] == ["gpt-4.1"]
    typed = model_picker.sought(known, "foundry/mine/too", [lab])
    assert [each.ref for each in typed] == [ModelRef(connection="foundry", name="mine/too")]
    assert model_picker.sought(known, "nowhere/mine", [lab]) == []
    assert model_picker.sought(known, "foundry/gpt-4o", [lab])[-1].ref == known[1].ref
