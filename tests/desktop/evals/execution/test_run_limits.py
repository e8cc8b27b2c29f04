"""Connections are asked no faster than they may be, and slower by themselves where they refuse."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from desktop.evals.execution.run_limits import ConnectionPace, RunLimits, Slot
from desktop.evals.suites.suite import SuiteLimits


class Calls:
    """Calls of one connection that are ended by hand."""

    def __init__(self, pace: ConnectionPace, limits: SuiteLimits) -> None:
        self.pace = pace
        self.limits = limits
        self.slots: list[Slot] = []
        self.begun = asyncio.Event()
        self.ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self, number: int) -> None:
        self.tasks += [asyncio.create_task(self._call()) for _ in range(number)]
        await settled()

    async def end(self, place: int = 0) -> None:
        self.ends.pop(place).set()
        await settled()

    async def _call(self) -> None:
        async with self.pace.slot(self.limits) as slot:
            self.slots.append(slot)
            self.begun.set()
            self.ends.append(ended := asyncio.Event())
            await ended.wait()


async def settled() -> None:
    """What can go on has gone on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_calls_are_under_way_than_may_be_for_all_runs_together() -> None:
    limits = RunLimits()
    assert limits.of("lab") is limits.of("lab")
    pace = limits.of("lab")
    one, other = Calls(pace, SuiteLimits(concurrency=3)), Calls(pace, SuiteLimits(concurrency=3))
    await one.begin(2)
    await other.begin(4)
    assert (len(one.slots), len(other.slots), pace.under_way) == (2, 1, 3)
    await one.end()
    assert (len(other.slots), pace.under_way) == (2, 3)
    assert limits.of("elsewhere").under_way == 0
    for task in (*one.tasks, *other.tasks):
        task.cancel()
    await settled()
    assert pace.under_way == 0


async def test_a_refusal_halves_them_once_for_all_that_were_under_way_and_they_grow_again() -> None:
    pace, limits = ConnectionPace(), SuiteLimits(concurrency=8)
    calls = Calls(pace, limits)
    await calls.begin(8)
    for slot in calls.slots[:4]:
        pace.refused(slot)
    assert pace.ceiling == 4
    for _ in range(8):
        await calls.end()
    await calls.begin(8)
    assert pace.under_way == int(pace.ceiling) == 4
    while calls.ends:
        await calls.end()
    await calls.begin(20)
    assert 5 <= pace.under_way <= 8
    pace.refused(calls.slots[-1])
    assert pace.ceiling < 5
    for task in calls.tasks:
        task.cancel()


async def test_nothing_begins_while_a_server_wants_nothing() -> None:
    at = [0.0]
    pace = ConnectionPace(clock=lambda: at[0])
    async with pace.slot(SuiteLimits(concurrency=2)) as slot:
        pace.refused(slot, 0.05)
    calls = Calls(pace, SuiteLimits(concurrency=2))
    await calls.begin(1)
    assert calls.slots == []
    at[0] = 1.0
    async with asyncio.timeout(5):
        await calls.begun.wait()
    await calls.end()


async def test_no_more_calls_begin_in_a_minute_than_may() -> None:
    pace = ConnectionPace(minute_s=0.2)
    loop, begun = asyncio.get_running_loop(), list[float]()
    for _ in range(5):
        async with pace.slot(SuiteLimits(per_minute=2)):
            begun.append(loop.time())
    assert begun[1] - begun[0] < 0.1
    assert begun[2] - begun[0] >= 0.19
    assert begun[4] - begun[0] >= 0.39


async def test_whoever_gives_up_waiting_leaves_its_turn_to_others() -> None:
    pace, limits = ConnectionPace(), SuiteLimits(concurrency=1)
    calls = Calls(pace, limits)
    await calls.begin(3)
    calls.tasks[1].cancel()
    await calls.end()
    assert (len(calls.slots), pace.under_way) == (2, 1)
    async with AsyncExitStack() as stack:
        stack.callback(calls.tasks[2].cancel)
