"""What a conversation costs at a volume."""

from __future__ import annotations

import msgspec
import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Message, Status, Usage
from desktop.metrics.volume_cost import ChatCost, NoCost, chat_cost
from tests.desktop.metrics.made import answer, prompt

PRICED = Entry(id="m", price_in=2.0, price_out=8.0)
UNPRICED = Entry(id="m")


def cost(*path: Message, entry: Entry = PRICED) -> ChatCost:
    return chat_cost(path, lambda _: entry)


def test_all_answers_of_a_conversation_count_at_the_price_of_today() -> None:
    told = cost(prompt(), answer(tokens=100, cost=9.0), prompt(), answer(tokens=50))
    assert told.usd == pytest.approx((20 * 2 + 150 * 8) / 1e6)
    assert told.at(10_000) == pytest.approx(12.4)
    assert (told.answers, told.why, told.estimated) == (2, None, False)


def test_what_has_no_price_today_costs_what_it_cost_then() -> None:
    assert cost(prompt(), answer(tokens=100, cost=0.5), entry=UNPRICED).usd == 0.5


def test_an_unknown_price_is_said_and_none_is_made_up() -> None:
    told = cost(prompt(), answer(tokens=100, cost=0.5), prompt(), answer(tokens=1), entry=UNPRICED)
    assert (told.usd, told.at(10), told.why) == (None, None, NoCost.PRICE)
    assert cost(prompt(), answer()).why is NoCost.COUNT
    assert cost(prompt()).why is NoCost.ANSWER


def test_what_was_not_counted_by_the_server_is_estimated_and_what_broke_off_is_left_out() -> None:
    guessed = msgspec.structs.replace(answer(), usage=Usage(input_tokens=10, output_tokens=5, estimated=True))
    told = cost(prompt(), guessed, prompt(), answer(tokens=900, status=Status.FAILED))
    assert (told.answers, told.estimated) == (1, True)
