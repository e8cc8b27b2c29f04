"""Cost of a run through a Batch API: half the normal price, except for judge calls. Pure functions."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from desktop.catalog.sampling_parameters import unlisted
from desktop.domain.conversation_types import Usage
from desktop.domain.suite_cells import CellKey
from desktop.errors import PriceUnknown, RunHalted
from desktop.evals.execution.cap_ledger import has_price
from desktop.evals.execution.run_estimate import Entries, RunEstimate, estimate, output_range
from desktop.evals.suites.suite import Suite
from desktop.session.charge import given_bounds
from desktop.text.phrases import phrase
from desktop.text.token_estimate import estimate_tokens

SHARE = 0.5
"""Batch price relative to the price of a normal call."""


def in_batches(found: RunEstimate) -> RunEstimate:
    """Return an estimate at batch prices. Judges are called normally, at full price."""

    def less(cost: float | None) -> float | None:
        return None if cost is None else cost * SHARE

    def total(contenders: float | None, judges: float | None) -> float | None:
        return None if contenders is None or judges is None else (contenders - judges) * SHARE + judges

    return msgspec.structs.replace(
        found,
        contenders=tuple(
            msgspec.structs.replace(each, cost_low=less(each.cost_low), cost_high=less(each.cost_high))
            for each in found.contenders
        ),
        cost_low=total(found.cost_low, found.judge_cost_low),
        cost_high=total(found.cost_high, found.judge_cost_high),
    )


def most_cost(suite: Suite, keys: Collection[CellKey], entry_of: Entries) -> float:
    """Return the maximum cost of the cells in US dollars, including judge calls; unknown prices count as zero."""
    entries = [entry_of(each.model) for each in suite.contenders]
    outputs = [output_range(each.parameters, entry)[1] for each, entry in zip(suite.contenders, entries, strict=True)]
    systems = [estimate_tokens(suite.system_of(each)) for each in suite.contenders]
    total = 0.0
    for key in keys:
        sent = systems[key.contender] + sum(map(estimate_tokens, suite.turns(suite.cases[key.case])))
        usage = Usage(input_tokens=sent, output_tokens=outputs[key.contender])
        total += SHARE * (entries[key.contender].cost(usage) or 0.0)
    cells = len(suite.cases) * len(suite.contenders) * suite.repeats
    return total + (estimate(suite, entry_of).judge_cost_high or 0.0) * len(keys) / cells


def require_bounds(suite: Suite, entry_of: Entries, *, unknown_prices: bool) -> None:
    """Check that the cost of a batch is bounded, because a running job cannot be stopped at the cap.

    Raises:
        PriceUnknown: If a price is missing.
        RunHalted: If a response has no maximum length.
    """
    for each in suite.contenders:
        entry = entry_of(each.model)
        if not has_price(entry):
            if not unknown_prices:
                raise PriceUnknown(phrase("No price is known for {model}, and the run has a cap.", model=each.model))
            continue
        free = entry.price_in == 0 and entry.price_out == 0
        if not free and (unlisted(each.parameters) or not given_bounds(each.parameters)):
            raise RunHalted(
                phrase(
                    "A batch cannot be stopped at a cap, and the responses from {contender} have no maximum length.",
                    contender=each.name,
                ),
                hint=phrase("Set `max_tokens` or `max_completion_tokens` in the contender's parameters."),
            )
