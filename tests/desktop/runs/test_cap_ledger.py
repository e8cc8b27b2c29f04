"""A cap is hard: calls reserve what they may cost, wait for room, and answers that outgrow it are stopped."""

from __future__ import annotations

import asyncio

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain import Usage
from desktop.errors import RunCapped
from desktop.runs.cap_ledger import FIRST_OUTPUT, FIRST_SURPLUS, CapLedger


def made_of(output_tokens: int, input_tokens: int = 0) -> Usage:
    return Usage(input_tokens=input_tokens, output_tokens=output_tokens)


CENT = Entry(id="a", price_in=10_000.0, price_out=10_000.0)
"""A cent a token."""


async def test_a_call_reserves_its_input_and_the_largest_output_so_far() -> None:
    ledger = CapLedger(10.0, 0.0)
    first = await ledger.reserve("a", CENT, 36 - FIRST_SURPLUS)
    assert first.usd == pytest.approx((36 + FIRST_OUTPUT) / 100)
    ledger.settle(first, 5.0, made_of(464))
    second = await ledger.reserve("a", CENT, 36 - FIRST_SURPLUS)
    assert second.usd == pytest.approx(5.0)
    ledger.settle(second, 1.0, made_of(64))
    assert ledger.spent == 6.0
    with pytest.raises(RunCapped):
        await ledger.reserve("a", CENT, -FIRST_SURPLUS)
    assert (await ledger.reserve("b", CENT, -FIRST_SURPLUS)).usd == pytest.approx(0.64)


async def test_what_finds_no_room_waits_for_what_is_under_way() -> None:
    ledger = CapLedger(1.0, 0.0)
    first = await ledger.reserve("a", CENT, -FIRST_SURPLUS)
    waiting = [asyncio.create_task(ledger.reserve(name, CENT, -FIRST_SURPLUS)) for name in "bc"]
    await asyncio.sleep(0)
    ledger.settle(first, 0.3, made_of(30))
    assert (await waiting[0]).usd == pytest.approx(0.64)
    assert not waiting[1].done()
    ledger.settle(await waiting[0], 0.5, made_of(50))
    with pytest.raises(RunCapped):
        await waiting[1]


async def test_an_answer_may_outgrow_what_it_reserved_but_not_what_others_need() -> None:
    ledger = CapLedger(2.0, 0.0)
    one, other = await ledger.reserve("a", CENT, -FIRST_SURPLUS), await ledger.reserve("b", CENT, -FIRST_SURPLUS)
    assert ledger.grow(one, 100)
    assert not ledger.grow(one, 50)
    ledger.settle(other, 0.1, made_of(10))
    assert ledger.grow(one, 20)
    assert not ledger.count(one, Usage(input_tokens=1, output_tokens=200))


@pytest.mark.parametrize("entry", [CENT, Entry(id="free", price_in=0.0, price_out=0.0)])
async def test_a_cap_of_nothing_lets_nothing_go(entry: Entry) -> None:
    with pytest.raises(RunCapped):
        await CapLedger(0.0, 0.0).reserve("a", entry, 0)


async def test_without_a_cap_all_goes_and_is_counted() -> None:
    ledger = CapLedger(None, 1.0)
    made = await ledger.reserve("a", CENT, 1_000_000)
    assert ledger.grow(made, 1e9)
    ledger.settle(made, 3.0, None)
    assert ledger.spent == 4.0


async def test_what_a_server_counts_beyond_the_estimate_is_reserved_from_then_on() -> None:
    ledger = CapLedger(None, 0.0)
    first = await ledger.reserve("a", CENT, 10)
    ledger.settle(first, 0.3, made_of(5, input_tokens=10 + FIRST_SURPLUS + 7))
    second = await ledger.reserve("a", CENT, 10)
    assert second.usd == pytest.approx((10 + FIRST_SURPLUS + 7 + 5) / 100)
    ledger.settle(second, 0.3, made_of(5, input_tokens=10 + FIRST_SURPLUS + 9))
    assert (await ledger.reserve("a", CENT, 10)).input_tokens == 10 + FIRST_SURPLUS + 9
    assert (await ledger.reserve("b", CENT, 10)).input_tokens == 10 + FIRST_SURPLUS


async def test_the_first_call_of_a_caller_goes_alone_where_there_is_a_cap() -> None:
    ledger = CapLedger(100.0, 0.0)
    first = await ledger.reserve("a", CENT, 10)
    waiting = asyncio.create_task(ledger.reserve("a", CENT, 10))
    other = asyncio.create_task(ledger.reserve("b", CENT, 10))
    await asyncio.sleep(0)
    assert not waiting.done()
    ledger.settle(first, 90.0, made_of(9_000, input_tokens=10))
    ledger.release(await other)
    with pytest.raises(RunCapped):
        await waiting
