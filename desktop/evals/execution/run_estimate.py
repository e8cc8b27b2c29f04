"""Estimate of a run before anything is sent: calls, tokens, cost range and detectable difference. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import JsonValue, ModelRef, Usage, Value
from desktop.errors import UsageError
from desktop.evals.execution.cap_ledger import FIRST_OUTPUT
from desktop.evals.execution.case_scores import clusters_of
from desktop.evals.execution.run_callers import callers_of
from desktop.evals.suites.suite import Suite, SuiteContender
from desktop.evals.suites.suite_problems import shown
from desktop.session.charge import given_bounds, most_output
from desktop.text.phrases import NOTHING, Phrase, figure, phrase
from desktop.text.token_estimate import estimate_tokens

MOST_OUTPUT = 4_096
"""Maximum output in tokens assumed if no limit is set. Reasoning models may produce more."""

_JUDGE_WORDS, _JUDGE_OUTPUT = 300, 1_024
"""Assumed tokens of a judge's instructions, and of its longest response."""

LEVEL, POWER = 0.05, 0.8
BETWEEN_CASES, WITHIN_A_CASE = 1 / 9, 1 / 6
"""Assumed variances: of the difference between contenders across cases, and of repeated responses to one case."""

Entries = Callable[[ModelRef], Entry]
"""Returns a model's catalog entry. Free models have prices of 0."""


class ContenderEstimate(Value, frozen=True, kw_only=True):
    """Estimated cost range of one contender in US dollars; costs are None if a price is unknown."""

    name: str
    model: str
    calls: int
    input_tokens: int
    output_low: int
    output_high: int
    cost_low: float | None
    cost_high: float | None


class CallCeiling(NamedTuple):
    """Maximum cost of one call to a model in US dollars, or None without an output limit."""

    name: str
    usd: float | None


class RunEstimate(Value, frozen=True, kw_only=True):
    """Estimate of a run including its judges. Costs are in US dollars, or None if a price is unknown.

    `smallest_difference` is the smallest detectable difference between two contenders.
    """

    calls: int
    judge_calls: int
    contenders: tuple[ContenderEstimate, ...]
    cost_low: float | None
    cost_high: float | None
    judge_cost_low: float | None
    judge_cost_high: float | None
    smallest_difference: float | None
    halved_by: int | None = None
    repeats_at_best: float | None = None
    unknown_judges: tuple[str, ...] = ()
    ceilings: tuple[CallCeiling, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Models with unknown prices."""
        contenders = (each.model for each in self.contenders if each.cost_low is None)
        return tuple(dict.fromkeys((*contenders, *self.unknown_judges)))

    def one_at_a_time(self, cap: float | None) -> tuple[str, ...]:
        """Return the names of callers whose calls are sequential, because the cap does not cover two calls at once."""
        if not cap:
            return ()
        return tuple(dict.fromkeys(each.name for each in self.ceilings if each.usd is None or 2 * each.usd > cap))


def estimate(suite: Suite, entry_of: Entries) -> RunEstimate:
    """Return the estimate of a suite."""
    contenders = tuple(_contender(suite, each, entry_of(each.model)) for each in suite.contenders)
    judge_calls, judge_low, judge_high = _judges(suite, entry_of)
    judges = {str(spec.options.get("model") or "") for case in suite.cases for spec in case.graders} - {""}
    low = _sum([*(each.cost_low for each in contenders), judge_low])
    high = _sum([*(each.cost_high for each in contenders), judge_high])
    several = len(suite.contenders) > 1
    independent = len(set(clusters_of(suite)))
    pairs = math.comb(len(suite.contenders), 2)
    return RunEstimate(
        calls=sum(each.calls for each in contenders),
        judge_calls=judge_calls,
        contenders=contenders,
        cost_low=low,
        cost_high=high,
        judge_cost_low=judge_low,
        judge_cost_high=judge_high,
        unknown_judges=tuple(sorted(each for each in judges if not _is_priced(_judge_entry(each, entry_of)))),
        smallest_difference=smallest_difference(independent, suite.repeats, pairs) if several else None,
        halved_by=4 * independent if several else None,
        repeats_at_best=smallest_difference(independent, math.inf, pairs) if several else None,
        ceilings=tuple(_ceilings(suite, contenders, entry_of)),
    )


def smallest_difference(cases: int, repeats: float, pairs: int = 1) -> float:
    """Return the smallest difference detectable with 80% power at a two-sided 5% level, at most 1.

    (z_{1-a/2} + z_power) times the standard error, with a Bonferroni correction for all pairs.
    """
    normal = NormalDist()
    z = normal.inv_cdf(1 - LEVEL / max(pairs, 1) / 2) + normal.inv_cdf(POWER)
    variance = BETWEEN_CASES + 2 * WITHIN_A_CASE / repeats
    return min(1.0, z * math.sqrt(variance / cases))


def power_sentences(found: RunEstimate) -> tuple[Phrase, ...]:
    """Return sentences about the smallest difference a run can detect, and about how to detect smaller ones."""
    smallest, at_best = found.smallest_difference, found.repeats_at_best
    if smallest is None or at_best is None or found.halved_by is None:
        return ()
    if smallest >= 1:
        first = phrase("The run is too small to show any difference between two contenders.")
    else:
        first = phrase(
            "The smallest difference the run can detect with 80% power is {points} points out of 100.",
            points=figure(100 * smallest),
        )
    more = phrase("{cases} cases would halve this difference.", cases=figure(found.halved_by))
    repeats = NOTHING
    if smallest < 1 and at_best < 0.95 * smallest:
        repeats = phrase(
            "More repeats can lower the smallest detectable difference to {points} points at best; more "
            "cases help more.",
            points=figure(100 * at_best),
        )
    return tuple(each for each in (first, more if smallest < 1 else NOTHING, repeats) if each)


def cap_sentence(found: RunEstimate, cap: float | None) -> Phrase:
    """Return a notice that the cap slows a run down, or an empty phrase if it does not."""
    names = found.one_at_a_time(cap)
    if not names:
        return NOTHING
    return phrase(
        "With this cap, calls are sent one at a time: the longest response from {names} has no known "
        "limit or may cost more than half the cap. To send calls in parallel, set a lower `max_tokens` or "
        "a higher cap.",
        names=", ".join(map(shown, names)),
    )


def _ceilings(suite: Suite, contenders: Sequence[ContenderEstimate], entry_of: Entries) -> Iterator[CallCeiling]:
    sizes = [each.input_tokens // max(each.calls, 1) for each in contenders]
    for number, each in enumerate(callers_of(suite)):
        entry = entry_of(each.model)
        if _cost(entry, 1, 1):
            most = most_output(each.parameters, entry)
            sent = _JUDGE_WORDS + 2 * FIRST_OUTPUT if each.is_judge else sizes[number]
            yield CallCeiling(each.name, None if most is None else _cost(entry, sent, most))


def _contender(suite: Suite, contender: SuiteContender, entry: Entry) -> ContenderEstimate:
    """Return the estimate for a contender. Each turn's input includes the previous turns."""
    low_out, high_out = output_range(contender.parameters, entry)
    system = estimate_tokens(suite.system_of(contender))
    calls = sent = 0
    costs: list[tuple[float | None, float | None]] = []
    for case in suite.cases:
        before = system
        for place, turn in enumerate(suite.turns(case)):
            before += estimate_tokens(turn)
            sent += before
            calls += 1
            low, high = before + place * low_out, before + place * high_out
            costs.append((_cost(entry, low, low_out), _cost(entry, high, high_out)))
    low_cost, high_cost = (_sum([cost[side] for cost in costs]) for side in (0, 1))
    repeats = suite.repeats
    return ContenderEstimate(
        name=contender.name,
        model=str(contender.model),
        calls=calls * repeats,
        input_tokens=sent * repeats,
        output_low=low_out * calls * repeats,
        output_high=high_out * calls * repeats,
        cost_low=None if low_cost is None else low_cost * repeats,
        cost_high=None if high_cost is None else high_cost * repeats,
    )


def output_range(parameters: Mapping[str, JsonValue], entry: Entry) -> tuple[int, int]:
    """Return the assumed minimum and maximum tokens of a response."""
    given = given_bounds(parameters)
    most = min(given) if given else min(MOST_OUTPUT, entry.max_output or MOST_OUTPUT)
    return min(FIRST_OUTPUT, most), most


def _judges(suite: Suite, entry_of: Entries) -> tuple[int, float | None, float | None]:
    """Return the number of judge calls and their cost range."""
    calls, low, high = 0, 0.0, 0.0
    known = True
    for case in suite.cases:
        prompt_tokens = sum(map(estimate_tokens, suite.turns(case)))
        for spec in case.graders:
            if spec.type not in ("judge", "judge-pair"):
                continue
            answers = 1 if spec.type == "judge" else 2
            number = len(suite.contenders) if answers == 1 else 2 * math.comb(len(suite.contenders), 2)
            number *= suite.repeats
            calls += number
            input_tokens = (
                prompt_tokens
                + _JUDGE_WORDS
                + estimate_tokens(str(spec.value or "") + str(spec.options.get("rubric") or ""))
            )
            entry = _judge_entry(spec.options.get("model"), entry_of)
            least = _cost(entry, input_tokens + answers * FIRST_OUTPUT, FIRST_OUTPUT) if entry is not None else None
            most = _cost(entry, input_tokens + answers * MOST_OUTPUT, _JUDGE_OUTPUT) if entry is not None else None
            known = known and least is not None and most is not None
            low, high = low + number * (least or 0.0), high + number * (most or 0.0)
    return (calls, low, high) if known else (calls, None, None)


def _judge_entry(model: JsonValue, entry_of: Entries) -> Entry | None:
    try:
        return entry_of(ModelRef.parse(model)) if isinstance(model, str) else None
    except UsageError:
        return None


def _is_priced(entry: Entry | None) -> bool:
    return entry is not None and _cost(entry, 1, 1) is not None


def _cost(entry: Entry, sent: int, made: int) -> float | None:
    return entry.cost(Usage(input_tokens=sent, output_tokens=made))


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return math.fsum(known) if len(known) == len(costs) else None
