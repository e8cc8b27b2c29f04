"""Results of a replay in words: a sentence for each verdict and method, and nothing that was not measured."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import RunState
from desktop.replay.outcomes import OutcomeTally, share
from desktop.replay.replay_plan import Excluded, ReplayItem, ReplayPlan
from desktop.replay.replay_results import KindResult, Method, ModelFigures, ReplayResults, SuccessorResult
from desktop.reports.replay_sections import meaning
from desktop.reports.replay_text import (
    control_texts,
    cost_and_speed,
    excluded_texts,
    headline,
    interval_text,
    kind_sentence,
    kind_text,
    method_text,
    model_name,
    qualification,
    sample_text,
)
from desktop.stats.noninferiority import SuccessorVerdict

BETTER, NOT_WORSE, WORSE, UNDECIDED = (
    SuccessorVerdict.BETTER,
    SuccessorVerdict.NOT_WORSE,
    SuccessorVerdict.WORSE,
    SuccessorVerdict.UNDECIDED,
)
INTERVALS = {
    BETTER: (0.6, 0.55, 0.65),
    NOT_WORSE: (0.53, 0.48, 0.58),
    WORSE: (0.3, 0.2, 0.4),
    UNDECIDED: (0.5, 0.4, 0.6),
}
VERDICT_METHODS = (Method.FIXED, Method.ANYTIME, Method.PREDICTION_POWERED)


def result_of(verdict: SuccessorVerdict, method: Method, **more: object) -> SuccessorResult:
    theta, low, high = (None, None, None) if method is Method.NONE else INTERVALS[verdict]
    usual = SuccessorResult(
        model="azure/grok-4.1-fast",
        method=method,
        verdict=verdict,
        theta=theta,
        low=low,
        high=high,
        n_own=60,
        n_judge=200,
        errors={},
        signals={},
        with_judge=share(0, 0),
        longer_won=share(0, 0),
    )
    return msgspec.structs.replace(usual, **more)


def results_of(result: SuccessorResult, **more: object) -> ReplayResults:
    old, new = ModelRef(connection="azure", name="grok-3"), ModelRef(connection="azure", name="grok-4.1-fast")
    items = tuple(ReplayItem(conversation=f"c{place}", prompt="p", answer="a", model=old) for place in range(3))
    plan = ReplayPlan(of="azure/grok-3", models=(new,), items=items)
    usual = ReplayResults(
        id="r",
        name="n",
        state=RunState.COMPLETE,
        reason="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        spent=0.0,
        plan=plan,
        answered=3,
        to_review=0,
        reviewed=3,
        counted=3,
        seen_early=False,
        successors=(result,),
        control=None,
        position=share(0, 0),
        oneself=share(0, 0),
    )
    return msgspec.structs.replace(usual, **more)


@pytest.mark.parametrize("method", VERDICT_METHODS)
@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (BETTER, "grok-4.1-fast is better than grok-3 on your work."),
        (NOT_WORSE, "grok-4.1-fast is not worse than grok-3 on your work."),
        (WORSE, "grok-4.1-fast is worse than grok-3 on your work."),
        (UNDECIDED, "Undecided: grok-4.1-fast may or may not be as good as grok-3 on your work."),
    ],
)
def test_a_persons_verdict_is_a_plain_sentence(verdict: SuccessorVerdict, method: Method, said: str) -> None:
    result = result_of(verdict, method)
    assert headline(results_of(result), result) == said


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (BETTER, "The judge model prefers grok-4.1-fast to grok-3 on your work."),
        (NOT_WORSE, "By the judge model, grok-4.1-fast is not worse than grok-3 on your work."),
        (WORSE, "By the judge model, grok-4.1-fast is worse than grok-3 on your work."),
        (UNDECIDED, "Undecided: grok-4.1-fast may or may not be as good as grok-3 on your work."),
    ],
)
def test_a_judge_alone_gives_an_indication(verdict: SuccessorVerdict, said: str) -> None:
    result = result_of(verdict, Method.JUDGE_ONLY)
    assert headline(results_of(result), result) == said
    assert qualification(result) == "This is an indication, not a verdict: no person reviewed anything."


def test_without_reviews_nothing_is_claimed() -> None:
    result = result_of(UNDECIDED, Method.NONE)
    results = results_of(result)
    said = "Nothing has been reviewed yet: grok-4.1-fast cannot be compared with grok-3."
    assert (headline(results, result), qualification(result), meaning(results, result)) == (said, "", "")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (BETTER, "wins more comparisons than it loses (95% confidence)"),
        (NOT_WORSE, "loses at most 10 more than it wins (95% confidence)"),
        (WORSE, "loses at least 10 more than it wins (95% confidence)"),
        (UNDECIDED, "on both sides of the margin of 10 points"),
    ],
)
def test_a_verdict_is_explained_in_numbers_of_comparisons(verdict: SuccessorVerdict, said: str) -> None:
    result = result_of(verdict, Method.FIXED)
    assert said in meaning(results_of(result), result)


@pytest.mark.parametrize(
    ("method", "seen_early", "said"),
    [
        (Method.FIXED, False, "All planned pairs were reviewed before the verdict was shown; 60 count."),
        (Method.ANYTIME, False, "The review is not complete, so the interval is one that is valid at any time"),
        (Method.ANYTIME, True, "The verdict was shown before the review was complete, so the interval"),
        (Method.PREDICTION_POWERED, False, "You reviewed 60 pairs drawn at random; the judge model reviewed 200."),
        (Method.JUDGE_ONLY, False, "The judge model reviewed 200 pairs in both orders."),
        (Method.NONE, False, "No pair has been reviewed."),
    ],
)
def test_each_method_has_a_sentence(method: Method, seen_early: bool, said: str) -> None:
    result = result_of(NOT_WORSE, method)
    assert method_text(results_of(result, seen_early=seen_early), result).startswith(said)


@pytest.mark.parametrize(
    ("further", "said"),
    [
        (1, "About 1 further review would decide it at this rate."),
        (240, "About 240 further reviews would decide it at this rate."),
        (None, "This history cannot decide it: more than 1,000 further reviews would be needed."),
    ],
)
def test_an_undecided_verdict_says_what_would_decide_it(further: int | None, said: str) -> None:
    assert qualification(result_of(UNDECIDED, Method.FIXED, further=further)) == said


def test_not_worse_but_less_preferred_is_said() -> None:
    said = qualification(result_of(NOT_WORSE, Method.FIXED, slightly_less=True))
    assert said == "It is slightly less preferred, but within the margin."


def test_points_are_net_preference_without_a_negative_zero() -> None:
    assert interval_text(0.4999, 0.45, 0.58) == "0 points (−10 to 16)"


@pytest.mark.parametrize(
    ("cost", "ttft", "said"),
    [
        ((1.0, 0.38), (2200.0, 400.0), ("62% cheaper", "1.8 s faster to the first token")),
        ((1.0, 1.5), (400.0, 12_400.0), ("50% dearer", "12.0 s slower to the first token")),
        ((1.0, 1.01), (400.0, 404.0), ("about the same cost",)),
        ((0.0, 1.0), None, ()),
        (None, None, ()),
    ],
)
def test_cost_and_speed_are_said_as_far_as_they_are_known(
    cost: tuple[float, float] | None, ttft: tuple[float, float] | None, said: tuple[str, ...]
) -> None:
    def compared(pair: tuple[float, float] | None) -> ModelFigures | None:
        return None if pair is None else ModelFigures(incumbent=pair[0], successor=pair[1], items=9)

    assert cost_and_speed(result_of(BETTER, Method.FIXED, cost=compared(cost), ttft_ms=compared(ttft))) == said


def test_a_control_that_favors_fresh_answers_warns() -> None:
    result = result_of(NOT_WORSE, Method.FIXED)
    (warned,) = control_texts(results_of(result, control=share(19, 20)), result)
    assert "read the verdict with care" in warned
    (usual,) = control_texts(results_of(result, control=share(10, 20)), result)
    assert usual.endswith("as expected by chance.")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("code", "Code"),
        ("long", "Long prompts"),
        ("language:de", "German"),
        ("language:xx", "xx"),
        ("tag:a\nb", "Tag “a b”"),
    ],
)
def test_kinds_have_names(kind: str, said: str) -> None:
    assert kind_text(kind) == said


def test_a_kind_tells_what_was_lost_or_else_won() -> None:
    def kind(theta: float) -> KindResult:
        return KindResult(kind="code", tally=OutcomeTally(3, 2, 6), theta=theta, low=0.0, high=1.0, verdict=UNDECIDED)

    assert kind_sentence(kind(0.3)) == "Code: lost 6 of 11 (exploratory)"
    assert kind_sentence(kind(0.7)) == "Code: won 3 of 11 (exploratory)"


def test_the_sample_and_what_was_left_out_are_told() -> None:
    plan = results_of(result_of(BETTER, Method.FIXED)).plan
    assert sample_text(plan) == "3 turns from 3 conversations, sampled evenly."
    plan.excluded.update({Excluded.GUARDED: 2, Excluded.UNFINISHED: 12, Excluded.EMPTY: 0})
    assert excluded_texts(plan) == (
        "12: the answer failed, was stopped or was cut",
        "2: a guard flags the text that would be sent",
    )


def test_a_model_is_named_without_its_connection() -> None:
    assert [model_name(each) for each in ("azure/grok-3", "lab/meta/llama", "grok-3")] == [
        "grok-3",
        "meta/llama",
        "grok-3",
    ]
