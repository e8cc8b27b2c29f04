"""What a run spent and may still spend: each call reserves what it may cost before it begins."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from desktop.catalog.catalog_entry import Entry
from desktop.domain import Usage
from desktop.errors import RunCapped
from desktop.phrases import phrase

FIRST_OUTPUT = 64
"""Tokens that the first answer of a contender is taken to have."""


FIRST_SURPLUS = 8
"""Tokens that a request has beside its words: how a server marks the roles of its messages."""


class Reservation:
    """What one call may cost, and what it cost so far."""

    def __init__(self, caller: Hashable, entry: Entry, input_tokens: int, usd: float) -> None:
        self.caller = caller
        self.entry = entry
        self.input_tokens = input_tokens
        self.usd = usd
        self.tokens = 0.0
        self.live = 0.0

    @property
    def held(self) -> float:
        """What others have to leave for it."""
        return max(self.usd, self.live)


class CapLedger:
    """US dollars of one run. Without a `cap` nothing is held back, and all is counted."""

    def __init__(self, cap: float | None, spent: float) -> None:
        self.cap = cap
        self.spent = spent
        self._reserved: set[Reservation] = set()
        self._largest: dict[Hashable, int] = {}
        self._surplus: dict[Hashable, int] = {}
        self._answered: set[Hashable] = set()
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()

    async def reserve(self, caller: Hashable, entry: Entry, input_tokens: int) -> Reservation:
        """Hold back what a call may cost: its input and the largest output of this caller so far.

        Waits for calls that are under way where there is no room for it, and the first of a caller goes alone: how long
        its answers are is not known before. Raises RunCapped.
        """
        async with self._turn:
            while True:
                # While it waits more may be learnt of its caller
                sent = input_tokens + FIRST_SURPLUS + self._surplus.get(caller, 0)
                usage = Usage(input_tokens=sent, output_tokens=self._largest.get(caller, FIRST_OUTPUT))
                made = Reservation(caller, entry, sent, entry.cost(usage) or 0.0)
                if self._fits(made) and not self._goes_first(caller):
                    self._reserved.add(made)
                    return made
                if not self._reserved:
                    raise RunCapped(phrase("The next call might pass the run’s cap."))
                self._settled.clear()
                await self._settled.wait()

    def _goes_first(self, caller: Hashable) -> bool:
        """Whether nothing is known of a caller yet but that its first call is under way."""
        is_known = self.cap is None or caller in self._answered
        return not is_known and any(each.caller == caller for each in self._reserved)

    def _fits(self, made: Reservation) -> bool:
        if self.cap is None:
            return True
        return self.cap > 0 and self.spent + sum(each.held for each in self._reserved) + made.usd <= self.cap

    def grow(self, reservation: Reservation, tokens: float) -> bool:
        """So many more tokens of an answer came; whether it may go on."""
        reservation.tokens += tokens
        usage = Usage(input_tokens=reservation.input_tokens, output_tokens=round(reservation.tokens))
        return self.count(reservation, usage)

    def count(self, reservation: Reservation, usage: Usage) -> bool:
        """An answer has this usage so far; whether it may go on."""
        reservation.live = max(reservation.live, reservation.entry.cost(usage) or 0.0)
        if self.cap is None or reservation.live <= reservation.usd:
            return True
        others = sum(each.held for each in self._reserved if each is not reservation)
        return self.spent + others + reservation.live <= self.cap

    def settle(self, reservation: Reservation, cost: float | None, usage: Usage | None) -> None:
        """A call has ended, and cost so much. What its server counted makes the next ones be estimated better."""
        self.spent += cost or 0.0
        caller = reservation.caller
        self._answered.add(caller)
        if usage is not None and usage.billed_output_tokens is not None:
            self._largest[caller] = max(self._largest.get(caller, 0), usage.billed_output_tokens)
        if usage is not None and usage.input_tokens is not None:
            missed = usage.input_tokens - reservation.input_tokens
            self._surplus[caller] = self._surplus.get(caller, 0) + max(0, missed)
        self.release(reservation)

    def release(self, reservation: Reservation) -> None:
        """Leave what a call did not need to others."""
        self._reserved.discard(reservation)
        self._settled.set()


def has_price(entry: Entry) -> bool:
    """Whether it is known what a model costs."""
    return entry.price_in is not None and entry.price_out is not None
