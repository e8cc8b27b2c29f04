"""The charge of a response, which caps and budgets count: the larger token count at the higher price.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.sampling_parameters import unlisted
from desktop.domain.conversation_types import JsonValue, Usage
from desktop.session.answer_figures import together

BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Parameters that limit output tokens."""

_MISCOUNT = 2
"""Maximum factor by which the local estimate may exceed the real count, because Paragone has no tokenizer."""


class Charge(NamedTuple):
    """Tokens and cost that one response counts as.

    `usd` is None if no price is known; `entry` is the model whose price applies. `is_unbounded` is whether the server
    counts reasoning beyond the output limit, so that no limit holds.
    """

    usd: float | None
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    entry: Entry
    is_unbounded: bool = False

    @property
    def usage(self) -> Usage:
        """Counted tokens."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.output_tokens, cached_tokens=self.cached_tokens)


def charge_of(told: Usage | None, own: Usage, requested: Entry, named: Entry, most: int | None = None) -> Charge:
    """Return the charge of a response, since a gateway may undercount or report a cheaper model than requested.

    Args:
        told: Usage reported by the server.
        own: Usage estimated by Paragone.
        requested: Catalog entry of the requested model.
        named: Catalog entry of the model that the server reported.
        most: Output limit in tokens, if any.
    """
    told = told or Usage()
    billed, made = told.billed_output_tokens or 0, within_bound(own.output_tokens or 0, most)
    charge = Charge(
        usd=None,
        input_tokens=max(told.input_tokens or 0, own.input_tokens or 0),
        output_tokens=max(billed, made),
        cached_tokens=told.cached_tokens or 0,
        entry=requested,
        is_unbounded=billed > (told.output_tokens or 0),
    )
    for entry in (requested, named):
        usd = entry.cost(charge.usage)
        if usd is not None and (charge.usd is None or usd > charge.usd):
            charge = charge._replace(usd=usd, entry=entry)
    return charge


class UsageTally:
    """Token usage, cost and charge of a response, summed over its rounds.

    Each round is priced by itself, since prices may depend on the length of a request.
    """

    def __init__(self) -> None:
        self.charge: Charge | None = None
        self.cost: float | None = None
        """Cost by the reported usage; None if a price or a round's usage is unknown."""
        self.is_counted = False
        """Whether the current round has ended."""
        self._earlier: Usage | None = None
        self._current: Usage | None = None
        self._is_first = True

    @property
    def usage(self) -> Usage | None:
        """Usage so far."""
        if self._current is None or self._earlier is None:
            return self._current or self._earlier
        return together(self._earlier, self._current)

    @property
    def usd(self) -> float | None:
        """Charge so far in US dollars; None if unknown."""
        return self.charge.usd if self.charge is not None else None

    def update(self, usage: Usage) -> None:
        """Replace the current round's usage by a newer report of the server."""
        self._current = usage

    def begin_round(self) -> None:
        """Begin another round."""
        self.is_counted = False

    def end_round(self, own: Usage, *, has_come: bool, requested: Entry, named: Entry, most: int | None) -> None:
        """Count the current round.

        Args:
            own: Usage estimated by Paragone, which is used if the server reports none.
            has_come: Whether the model generated anything.
            requested, named, most: As for `charge_of`.
        """
        self.is_counted = True
        if not has_come and self._current is None:
            return
        charge = charge_of(self._current, own, requested, named, most)
        self.charge = charge if self.charge is None else _sum(self.charge, charge)
        # A proxy that does not count reports 0
        if has_come and (self._current is None or self._current.output_tokens == 0):
            self._current = own
        cost = named.cost(self._current) if self._current is not None else None
        self.cost = cost if self._is_first else None if self.cost is None or cost is None else self.cost + cost
        self._is_first = False
        self._earlier, self._current = self.usage, None


def _sum(one: Charge, other: Charge) -> Charge:
    return Charge(
        usd=None if one.usd is None or other.usd is None else one.usd + other.usd,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        entry=other.entry,
        is_unbounded=one.is_unbounded or other.is_unbounded,
    )


def within_bound(counted: int, most: int | None) -> int:
    """Return the estimated output tokens, reduced to the limit if slightly above it."""
    return counted if most is None or counted > _MISCOUNT * most else min(counted, most)


def most_output(parameters: Mapping[str, JsonValue], entry: Entry) -> int | None:
    """Return the maximum output tokens set by a parameter or the model; None if unlimited.

    A parameter that Paragone does not know may request several responses or tools, so it means no limit.
    """
    if unlisted(parameters):
        return None
    return max(given_bounds(parameters), default=entry.max_output)


def given_bounds(parameters: Mapping[str, JsonValue]) -> list[int]:
    """Return the output limits among the parameters."""
    return [value for name in BOUNDS if isinstance(value := parameters.get(name), int) and value > 0]
