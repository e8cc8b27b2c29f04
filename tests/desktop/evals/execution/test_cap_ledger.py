"""A cap is hard: calls reserve the most that they may cost, or go one at a time, and complete responses are kept."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Usage
from desktop.errors import RunCapped
from desktop.evals.execution.cap_ledger import FIRST_SURPLUS, CapLedger, PlannedCall, Reservation
from desktop.session.charge import Charge, charge_of

CENT = Entry(id="a", price_in=10_000.0, price_out=10_000.0)
"""A cent a token."""

FREE = Entry(id="free", price_in=0.0, price_out=0.0)


def call(caller: str = "a", most: int | None = None, entry: Entry = CENT, sent: int = -FIRST_SURPLUS) -> PlannedCall:
    return PlannedCall(caller, entry, sent, most, runaway=most or 100)


def made_of(output_tokens: int, reasoning: int | None = None, named: Entry = CENT) -> Charge:
    total = output_tokens + (reasoning or 0)
    told = Usage(input_tokens=0, output_tokens=output_tokens, reasoning_tokens=reasoning, total_tokens=total)
    return charge_of(told, Usage(input_tokens=0, output_tokens=0), CENT, named)


async def under_way(ledger: CapLedger, *calls: PlannedCall) -> list[Reservation]:
    """The reservations of those calls that are sent at once."""
    tasks = [asyncio.create_task(ledger.reserve(each)) for each in calls]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    sent = [each.result() for each in tasks if each.done()]
    for each in tasks:
        each.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    return sent


async def tried(ledger: CapLedger, planned: PlannedCall, charge: Charge | None) -> None:
    ledger.settle(await ledger.reserve(planned), charge)


async def test_calls_whose_most_is_known_go_together_as_far_as_the_cap_holds_it() -> None:
    ledger = CapLedger(10.0, 0.0)
    await tried(ledger, call(most=200), made_of(50))
    sent = await under_way(ledger, *[call(most=200)] * 8)
    assert [each.usd for each in sent] == [2.0] * 4
    assert not any(each.alone for each in sent)


async def test_the_first_call_of_a_caller_goes_alone() -> None:
    ledger = CapLedger(10.0, 0.0)
    assert len(await under_way(ledger, call("a", 10), call("b", 10))) == 1


async def test_a_call_that_failed_proves_nothing_but_a_caller_that_only_fails_holds_up_no_others() -> None:
    ledger = CapLedger(10.0, 0.0)
    for parallel in (1, 1, 3):
        sent = await under_way(ledger, *[call(most=100)] * 3)
        assert len(sent) == parallel
        for each in sent:
            ledger.release(each)
        await tried(ledger, call(most=100), None)


@pytest.mark.parametrize(
    ("most", "charge"),
    [(None, made_of(50)), (100, made_of(101)), (100, made_of(50, reasoning=40))],
    ids=["no bound is known", "the bound does not hold", "reasoning is counted beside it"],
)
async def test_without_a_bound_that_holds_calls_go_one_at_a_time(most: int | None, charge: Charge) -> None:
    ledger = CapLedger(100.0, 0.0)
    await tried(ledger, call(most=most), charge)
    assert [each.alone for each in await under_way(ledger, *[call(most=most)] * 4, call("b", 10))] == [True]


async def test_a_rest_that_does_not_hold_the_most_is_used_up_one_at_a_time() -> None:
    ledger = CapLedger(3.0, 0.0)
    for spent in (1.0, 2.0, 3.0):
        await tried(ledger, call(most=1000), made_of(100))
        assert ledger.spent == pytest.approx(spent)
    with pytest.raises(RunCapped):
        await ledger.reserve(call(most=1000))


async def test_what_finds_no_room_waits_for_what_is_under_way() -> None:
    ledger = CapLedger(3.0, 0.0)
    await tried(ledger, call(most=100), made_of(50))
    first, second = await ledger.reserve(call(most=100)), await ledger.reserve(call(most=100))
    waiting = asyncio.create_task(ledger.reserve(call(most=100)))
    await asyncio.sleep(0)
    assert not waiting.done()
    ledger.settle(first, made_of(10))
    ledger.settle(second, made_of(10))
    assert (await waiting).usd == 1.0


async def test_a_response_may_end_beyond_the_cap_unless_it_runs_away() -> None:
    ledger = CapLedger(0.7, 0.0)
    one = await ledger.reserve(call())
    assert ledger.grow(one, 100)
    assert ledger.grow(one, 90)
    assert not ledger.grow(one, 20)


async def test_a_dearer_model_that_a_server_names_is_reserved_from_then_on() -> None:
    dearer = Entry(id="b", price_in=20_000.0, price_out=20_000.0)
    ledger = CapLedger(100.0, 0.0)
    await tried(ledger, call(most=100), made_of(50, named=dearer))
    assert ledger.spent == 1.0
    assert (await ledger.reserve(call(most=100))).usd == 2.0


async def test_what_a_server_counts_beyond_the_estimate_is_reserved_from_then_on() -> None:
    ledger = CapLedger(100.0, 0.0)
    counted = Usage(input_tokens=10 + FIRST_SURPLUS + 7, output_tokens=5)
    await tried(ledger, call(sent=10), charge_of(counted, Usage(), CENT, CENT))
    assert (await ledger.reserve(call(sent=10))).call.input_tokens == 10 + FIRST_SURPLUS + 7


async def test_a_text_that_has_more_tokens_than_estimated_makes_the_most_of_longer_ones_larger() -> None:
    ledger = CapLedger(100.0, 0.0)
    counted = Usage(input_tokens=300, output_tokens=5)
    await tried(ledger, call(sent=100, most=10), charge_of(counted, Usage(), CENT, CENT))
    assert (await ledger.reserve(call(sent=1000, most=10))).usd == pytest.approx((3000 + FIRST_SURPLUS + 10) / 100)


@pytest.mark.parametrize("entry", [CENT, FREE])
async def test_a_cap_of_nothing_lets_nothing_go(entry: Entry) -> None:
    with pytest.raises(RunCapped):
        await CapLedger(0.0, 0.0).reserve(call(entry=entry))


@pytest.mark.parametrize(("cap", "entry"), [(None, CENT), (1e-9, FREE)])
async def test_without_a_cap_or_a_price_all_go_together(cap: float | None, entry: Entry) -> None:
    assert len(await under_way(CapLedger(cap, 1.0), *[call(entry=entry)] * 5)) == 5
