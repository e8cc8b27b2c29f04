"""Ledger of a run's cost cap: every call reserves its maximum cost before it is sent."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Hashable
from typing import NamedTuple

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Usage
from desktop.errors import RunCapped
from desktop.session.charge import Charge, within_bound
from desktop.text.phrases import phrase

FIRST_OUTPUT = 64
"""Output tokens assumed for the first response of a contender."""


FIRST_SURPLUS = 8
"""Tokens of a request in addition to its text, because servers mark the role of each message."""


MOST_RATIO = 4.0
"""Maximum ratio of a text's actual tokens to the estimate, which assumes four characters of English per token."""

ENOUGH_TRIED = 2
"""Number of calls, after which a caller's calls are sent in parallel. A single charged call is enough."""


class PlannedCall(NamedTuple):
    """A call before it is sent. `most` is its maximum output in tokens, None if unlimited."""

    caller: Hashable
    entry: Entry
    input_tokens: int
    most: int | None
    runaway: int


class Reservation:
    """Reserved and actual cost of one call. While a call that is `alone` is in progress, no other call is sent.

    `estimated` is its number of input tokens as estimated before the server reported any usage.
    """

    def __init__(self, call: PlannedCall, estimated: int, usd: float, *, alone: bool = False) -> None:
        self.call = call
        self.estimated = estimated
        self.usd = usd
        self.alone = alone
        self.tokens = 0.0
        self.live = 0.0

    @property
    def held(self) -> float:
        """Amount in US dollars that other calls must not use."""
        return max(self.usd, self.live)


class CapLedger:
    """Tracks a run's spending in US dollars. Without a `cap`, nothing is reserved, but all costs are counted."""

    def __init__(self, cap: float | None, spent: float) -> None:
        self.cap = cap
        self.spent = spent
        self._reserved: set[Reservation] = set()
        self._largest: dict[Hashable, int] = {}
        self._surplus: dict[Hashable, int] = {}
        self._ratio: dict[Hashable, float] = {}
        """x"""
        self._dearer: dict[Hashable, Entry] = {}
        self._tried: Counter[Hashable] = Counter()
        self._unbounded: set[Hashable] = set()
        """Callers whose output limit is unreliable, because a response may have exceeded it."""
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()

    async def reserve(self, call: PlannedCall) -> Reservation:
        """Reserve the maximum cost of a call.

        A call whose maximum cost is unknown or exceeds the remaining amount is sent alone. Waits for calls in progress.

        Raises:
            RunCapped: If the call might exceed the cap.
        """
        async with self._turn:
            while (reservation := self._made(call)) is None:
                if not self._reserved:
                    raise RunCapped(phrase("The next call might exceed the run's cap."))
                self._settled.clear()
                await self._settled.wait()
            self._reserved.add(reservation)
            return reservation

    def _made(self, planned: PlannedCall) -> Reservation | None:
        """Return the reservation for a call, or None if the call must wait.

        Estimates improve with the usage reported for earlier calls.
        """
        caller = planned.caller
        call = planned._replace(
            entry=self._dearer.get(caller, planned.entry),
            input_tokens=planned.input_tokens + FIRST_SURPLUS + self._surplus.get(caller, 0),
            most=None if caller in self._unbounded else planned.most,
        )
        if self.cap is None or (self.cap > 0 and not _cost(call, 1)):  # free, or the price is unknown
            return Reservation(call, planned.input_tokens, 0.0)
        if self.cap <= 0 or any(each.alone for each in self._reserved):
            return None
        rest = self.cap - self.spent - sum(each.held for each in self._reserved)
        longest = math.ceil(planned.input_tokens * self._ratio.get(caller, 1.0)) + FIRST_SURPLUS
        at_most = call._replace(input_tokens=max(call.input_tokens, longest))
        if call.most is not None and (worst := _cost(at_most, call.most)) <= rest:
            if self._tried[caller] >= ENOUGH_TRIED:
                return Reservation(call, planned.input_tokens, worst)
            return None if self._reserved else Reservation(call, planned.input_tokens, worst, alone=True)
        likely = _cost(call, self._largest.get(caller, min(FIRST_OUTPUT, call.most or FIRST_OUTPUT)))
        if self._reserved or likely > rest:
            return None
        return Reservation(call, planned.input_tokens, likely, alone=True)

    def grow(self, reservation: Reservation, tokens: float) -> bool:
        """Count generated tokens, and return whether the response may continue within the cap."""
        reservation.tokens += tokens
        call, made = reservation.call, round(reservation.tokens)
        reservation.live = _cost(call, within_bound(made, call.most))
        if self.cap is None or within_bound(made, call.runaway) <= call.runaway or reservation.live <= reservation.usd:
            return True
        others = sum(each.held for each in self._reserved if each is not reservation)
        return self.spent + others + reservation.live <= self.cap

    def settle(self, reservation: Reservation, charge: Charge | None) -> None:
        """Record the cost of a completed call and use it to improve later estimates."""
        call = reservation.call
        self._tried[call.caller] += 1
        if charge is not None:
            self._tried[call.caller] = ENOUGH_TRIED
            sent, generated = charge.input_tokens, charge.output_tokens
            ratio = min(MOST_RATIO, sent / max(1, reservation.estimated))
            self._ratio[call.caller] = max(self._ratio.get(call.caller, 1.0), ratio)
            self.spent += charge.usd or 0.0
            self._largest[call.caller] = max(self._largest.get(call.caller, 0), generated)
            self._surplus[call.caller] = self._surplus.get(call.caller, 0) + max(0, sent - call.input_tokens)
            if (charge.usd or 0.0) > (call.entry.cost(charge.usage) or 0.0):
                self._dearer[call.caller] = charge.entry
            if charge.is_unbounded or (call.most is not None and generated > call.most):
                self._unbounded.add(call.caller)
        self.release(reservation)

    def release(self, reservation: Reservation) -> None:
        """Release the amount that a call did not use."""
        self._reserved.discard(reservation)
        self._settled.set()


def _cost(call: PlannedCall, output_tokens: int) -> float:
    """Return the cost of a call with this many output tokens in US dollars, or 0 if the price is unknown."""
    return call.entry.cost(Usage(input_tokens=call.input_tokens, output_tokens=output_tokens)) or 0.0


def has_price(entry: Entry) -> bool:
    """Whether a model's price is known."""
    return entry.price_in is not None and entry.price_out is not None
