"""What a response is counted as in caps and budgets: by the larger token count and the dearer price; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.sampling_parameters import unlisted
from desktop.domain.conversation_types import JsonValue, Usage

BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Parameters that bound the output."""

_MISCOUNT = 2
"""How many times as many tokens Paragone may count as there are: it has no tokenizer at hand."""


class Charge(NamedTuple):
    """What one response is counted as. `usd` is None where no price is known; `entry` is the model whose price it is.

    One that `is_unbounded` has reasoning that its server counts beside the output: no limit of the output holds for it.
    """

    usd: float | None
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    entry: Entry
    is_unbounded: bool = False

    @property
    def usage(self) -> Usage:
        """The tokens that are counted."""
        return Usage(input_tokens=self.input_tokens, output_tokens=self.output_tokens, cached_tokens=self.cached_tokens)


def charge_of(told: Usage | None, own: Usage, requested: Entry, named: Entry, most: int | None = None) -> Charge:
    """The charge of a response: `told` is what its server counted, `own` what Paragone did, `most` its bound.

    A gateway may count too little, or name a cheaper model than the one that was requested.
    """
    told = told or Usage()
    billed, made = told.billed_output_tokens or 0, within_bound(own.output_tokens or 0, most)
    found = Charge(
        usd=None,
        input_tokens=max(told.input_tokens or 0, own.input_tokens or 0),
        output_tokens=max(billed, made),
        cached_tokens=told.cached_tokens or 0,
        entry=requested,
        is_unbounded=billed > (told.output_tokens or 0),
    )
    for entry in (requested, named):
        usd = entry.cost(found.usage)
        if usd is not None and (found.usd is None or usd > found.usd):
            found = found._replace(usd=usd, entry=entry)
    return found


def within_bound(counted: int, most: int | None) -> int:
    """Paragone's own count of an output, which is rough: what is a little above the bound is at the bound."""
    return counted if most is None or counted > _MISCOUNT * most else min(counted, most)


def most_output(parameters: Mapping[str, JsonValue], entry: Entry) -> int | None:
    """The most tokens that a response can have: its parameters bound it, else its model does; None where nothing does.

    A parameter that is not known to be harmless may ask for several responses, or for tools.
    """
    if unlisted(parameters):
        return None
    return max(given_bounds(parameters), default=entry.max_output)


def given_bounds(parameters: Mapping[str, JsonValue]) -> list[int]:
    """The bounds among parameters."""
    return [value for name in BOUNDS if isinstance(value := parameters.get(name), int) and value > 0]
