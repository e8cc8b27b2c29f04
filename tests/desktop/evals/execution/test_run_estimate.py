"""What is told before a run holds: calls, tokens, a range of costs, and the smallest difference it can show."""

from __future__ import annotations

import math

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import ModelRef
from desktop.evals.execution.cap_ledger import FIRST_OUTPUT
from desktop.evals.execution.run_estimate import (
    MOST_OUTPUT,
    cap_sentence,
    estimate,
    power_sentences,
    smallest_difference,
)
from desktop.evals.suites.suite import GraderSpec
from tests.desktop.evals.run_desk import suite

DOLLAR = Entry(id="a", price_in=1_000_000.0, price_out=1_000_000.0)
"""A dollar a token."""


def entry_of(model: ModelRef) -> Entry:
    return Entry(id="unknown") if model.name == "unknown" else DOLLAR


def test_costs_run_from_short_answers_to_the_longest_that_parameters_allow() -> None:
    asked = suite("lab/a", prompts=[("abcd" * 10,)], words=["x", "y"], repeats=3, parameters={"max_tokens": 100})
    found = estimate(asked, entry_of)
    (contender,) = found.contenders
    assert (found.calls, contender.calls, contender.input_tokens) == (6, 6, 60)
    assert contender.cost_low == found.cost_low == pytest.approx(6 * (10 + FIRST_OUTPUT))
    assert contender.cost_high == found.cost_high == pytest.approx(6 * (10 + 100))
    assert found.smallest_difference is None


@pytest.mark.parametrize(
    ("parameters", "entry", "most"),
    [
        ({}, DOLLAR, MOST_OUTPUT),
        ({}, Entry(id="a", price_in=0.0, price_out=1e6, max_output=500), 500),
        ({"max_completion_tokens": 20}, DOLLAR, 20),
        ({"max_tokens": "many"}, DOLLAR, MOST_OUTPUT),
    ],
)
def test_the_longest_answer_is_bounded(parameters: dict[str, str | int], entry: Entry, most: int) -> None:
    asked = suite("lab/a", words=["x"], parameters={**parameters})
    assert estimate(asked, lambda _model: entry).contenders[0].output_high == most


def test_each_turn_is_sent_with_what_was_said_before() -> None:
    asked = suite("lab/a", prompts=[("abcd" * 10, "abcd" * 5)], words=["x"], parameters={"max_tokens": 64})
    found = estimate(asked, entry_of)
    assert (found.calls, found.contenders[0].input_tokens) == (2, 10 + 15)
    assert found.cost_high == pytest.approx((10 + 64) + (15 + 64 + 64))


def test_without_a_price_no_sum_is_told() -> None:
    found = estimate(suite("lab/a", "lab/unknown"), entry_of)
    assert [each.cost_low is None for each in found.contenders] == [False, True]
    assert (found.cost_low, found.cost_high, found.unknown) == (None, None, ("lab/unknown",))


def test_calls_of_judges_come_on_top_two_for_each_pair() -> None:
    judges = (
        GraderSpec(type="judge", options={"model": "lab/judge", "rubric": "good"}),
        GraderSpec(type="judge-pair", options={"model": "lab/judge"}),
    )
    found = estimate(suite("lab/a", "lab/b", "lab/c", graders=judges, words=["x"], repeats=2), entry_of)
    assert (found.calls, found.judge_calls) == (6, 6 + 2 * 3 * 2)
    assert found.judge_cost_low is not None
    assert found.judge_cost_high is not None
    own = [each.cost_low for each in found.contenders if each.cost_low is not None]
    assert found.cost_low == pytest.approx(found.judge_cost_low + sum(own))
    assert found.judge_cost_low < found.judge_cost_high
    unknown = (GraderSpec(type="judge", options={"model": "lab/unknown"}),)
    assert estimate(suite("lab/a", graders=unknown), entry_of).cost_low is None


def test_the_smallest_difference_follows_its_formula_and_more_cases_beat_more_repeats() -> None:
    assert smallest_difference(969, math.inf) == pytest.approx(
        0.03, abs=0.0001
    )  # Miller 2024: 969 questions for 3 points
    assert smallest_difference(400, 1) == pytest.approx(smallest_difference(100, 1) / 2)
    once, twice, always = (smallest_difference(200, repeats) for repeats in (1, 2, math.inf))
    assert once > twice > always > once / 2.01
    assert smallest_difference(200, 1, pairs=6) > once
    assert smallest_difference(1, 1) == 1.0


def test_cases_of_one_line_count_as_one() -> None:
    once = estimate(suite("lab/a", "lab/b", words=["x"] * 50), entry_of)
    twice = estimate(suite("lab/a", "lab/b", words=["x"] * 50, prompts=[("a",), ("b",)]), entry_of)
    assert once.smallest_difference == twice.smallest_difference
    assert (once.halved_by, twice.calls) == (200, 200)


def test_what_it_can_show_is_said_in_sentences() -> None:
    said = power_sentences(estimate(suite("lab/a", "lab/b", words=["x"] * 100), entry_of))
    assert [str(each) for each in said] == [
        "The smallest difference the run can detect with 80% power is 19 points out of 100.",
        "400 cases would halve this difference.",
        "More repeats can lower the smallest detectable difference to 9 points at best; more cases help more.",
    ]
    assert "too small" in power_sentences(estimate(suite("lab/a", "lab/b", words=["x"]), entry_of))[0]
    assert power_sentences(estimate(suite("lab/a"), entry_of)) == ()


@pytest.mark.parametrize(
    ("cap", "most", "one_at_a_time"),
    [
        (None, None, ()),
        (1_000.0, None, ("lab/a",)),
        (1_000.0, 400, ()),
        (1_000.0, 600, ("lab/a",)),
    ],
)
def test_it_says_when_a_cap_lets_calls_go_one_at_a_time_only(
    cap: float | None, most: int | None, one_at_a_time: tuple[str, ...]
) -> None:
    found = estimate(suite("lab/a", parameters={} if most is None else {"max_tokens": most}), entry_of)
    assert found.one_at_a_time(cap) == one_at_a_time
    assert ("lab/a" in cap_sentence(found, cap)) == bool(one_at_a_time)
