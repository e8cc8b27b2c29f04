"""Estimate of a replay before anything is sent: calls, cost, and what a review of its size can show. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import ModelRef, Usage, Value
from desktop.errors import UsageError
from desktop.evals.execution.cap_ledger import FIRST_OUTPUT
from desktop.evals.execution.run_estimate import Entries
from desktop.replay.replay_plan import ReplayPlan
from desktop.stats.noninferiority import chance_of_not_worse
from desktop.stats.proportions import LEVEL
from desktop.text.phrases import Phrase, figure, phrase

_LEAST_SHARE, _MOST_SHARE = 0.5, 3.0
"""Length of a successor's answer as a share of the incumbent's, at least and at most."""

_REASONING = 2_048
"""Further output tokens that a reasoning model may have."""

_JUDGE_WORDS, _JUDGE_OUTPUT = 300, 1_024
_OUT_OF = 10


class ItemTokens(NamedTuple):
    """Estimated tokens of an item: its request, the incumbent's answer, and the prompts that a judge reads."""

    sent: int
    answered: int
    judged: int


class SuccessorEstimate(Value, frozen=True, kw_only=True):
    """Calls of one model and their cost in US dollars; None if its price is unknown."""

    model: str
    calls: int
    cost_low: float | None
    cost_high: float | None


class ReplayEstimate(Value, frozen=True, kw_only=True):
    """Estimate of a replay. Costs are in US dollars, None if a price is unknown.

    `equal_shown` is the chance that the planned review finds a successor "not worse" that is exactly as good.
    """

    calls: int
    judge_calls: int
    models: tuple[SuccessorEstimate, ...]
    judge_low: float | None
    judge_high: float | None
    reviews: int
    equal_shown: float

    @property
    def cost_low(self) -> float | None:
        """Least cost of everything."""
        return _total([*(each.cost_low for each in self.models), self.judge_low])

    @property
    def cost_high(self) -> float | None:
        """Highest cost of everything."""
        return _total([*(each.cost_high for each in self.models), self.judge_high])


def estimate(
    plan: ReplayPlan, tokens: Sequence[ItemTokens], entry_of: Entries, *, share: float = 1.0
) -> ReplayEstimate:
    """Return the estimate of a plan; `tokens` are those of its items, `share` is the part of the price that is paid."""
    controls = [tokens[number] for number in plan.control]
    models = [_of_model(model, tokens, plan.repeats, share, entry_of) for model in plan.models]
    if controls and plan.incumbent is not None:
        models.append(_of_model(plan.incumbent, controls, 1, share, entry_of))
    judge_calls, judge_low, judge_high = _judge(plan, tokens, entry_of)
    return ReplayEstimate(
        calls=plan.calls,
        judge_calls=judge_calls,
        models=tuple(models),
        judge_low=judge_low,
        judge_high=judge_high,
        reviews=plan.review,
        equal_shown=chance_of_not_worse(plan.review, plan.margin, level=LEVEL / len(plan.models)),
    )


def power_sentence(reviews: int, equal_shown: float) -> Phrase:
    """Describe what a review of this size can show."""
    if not reviews:
        return phrase("Nothing is reviewed: a judge alone gives an indication, not a verdict.")
    return phrase(
        "If both models are equally good, {reviews} reviewed pairs show “not worse” in about {cases} of 10 replays.",
        reviews=figure(reviews),
        cases=figure(round(_OUT_OF * equal_shown)),
    )


def _of_model(
    model: ModelRef, tokens: Sequence[ItemTokens], repeats: int, share: float, entry_of: Entries
) -> SuccessorEstimate:
    entry = entry_of(model)
    low, high = zip(*(_answer_costs(entry, each) for each in tokens), strict=True) if tokens else ((), ())
    least, most = _total(low), _total(high)
    return SuccessorEstimate(
        model=str(model),
        calls=len(tokens) * repeats,
        cost_low=None if least is None else least * repeats * share,
        cost_high=None if most is None else most * repeats * share,
    )


def _answer_costs(entry: Entry, tokens: ItemTokens) -> tuple[float | None, float | None]:
    least = max(1, round(_LEAST_SHARE * tokens.answered))
    most = math.ceil(_MOST_SHARE * tokens.answered) + (_REASONING if entry.reasoning else FIRST_OUTPUT)
    return _cost(entry, tokens.sent, least), _cost(entry, tokens.sent, min(most, entry.max_output or most))


def _judge(plan: ReplayPlan, tokens: Sequence[ItemTokens], entry_of: Entries) -> tuple[int, float | None, float | None]:
    """Return the judge's calls, two for each pair, and their cost range."""
    if not plan.judge:
        return 0, 0.0, 0.0
    pairs = [*tokens] * (len(plan.models) * plan.repeats) + [tokens[number] for number in plan.control]
    low, high = zip(*(pair_cost(plan, each, entry_of) for each in pairs), strict=True) if pairs else ((), ())
    return 2 * len(pairs), _total(low), _total(high)


def pair_cost(plan: ReplayPlan, tokens: ItemTokens, entry_of: Entries) -> tuple[float | None, float | None]:
    """Return the least and the highest cost of judging one pair in both orders; None if the price is unknown."""
    if not plan.judge:
        return 0.0, 0.0
    try:
        entry = entry_of(ModelRef.parse(plan.judge))
    except UsageError:
        return None, None
    low = _cost(entry, _JUDGE_WORDS + tokens.judged + 2 * tokens.answered, FIRST_OUTPUT)
    high = _cost(entry, _JUDGE_WORDS + tokens.judged + 4 * tokens.answered, _JUDGE_OUTPUT)
    return None if low is None else 2 * low, None if high is None else 2 * high


def _cost(entry: Entry, sent: int, made: int) -> float | None:
    return entry.cost(Usage(input_tokens=sent, output_tokens=made))


def _total(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return math.fsum(known) if len(known) == len(costs) else None
