"""Latencies over the history: what counts, what is left out and counted, and how few are too few."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.answer_timing import AnswerTiming
from desktop.domain.conversation_types import Figures, Status, Usage
from desktop.metrics.latency import FEWEST, Latency, is_held_back, latencies, quantiles
from desktop.session.answer_figures import ReplyFacts, Stopwatch, figures

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def timing(
    *,
    at: datetime = NOON,
    status: Status = Status.COMPLETE,
    ttft: float | None = 400.0,
    whole: float | None = 3400.0,
    speed: float | None = 60.0,
    tokens: int = 180,
    thought: int | None = None,
    model: tuple[str | None, str | None] = ("lab", "a"),
) -> AnswerTiming:
    ms = round(at.timestamp() * 1000)
    return AnswerTiming(ms, status.value, *model, ttft, whole, speed, tokens, thought)


def only(*timings: AnswerTiming) -> Latency:
    (found,) = latencies(timings, UTC)
    return found.whole


def measured(times: list[float], tokens: int, ended: float) -> Figures:
    """The figures of an answer whose deltas came at these seconds."""
    watch = Stopwatch(sent=100.0)
    for each in times:
        watch.token(100.0 + each)
    watch.ended = 100.0 + ended
    return figures(watch, ReplyFacts(), Usage(output_tokens=tokens), None)


def of(figures: Figures, tokens: int) -> AnswerTiming:
    return timing(ttft=figures.ttft_ms, whole=figures.duration_ms, speed=figures.tokens_per_second, tokens=tokens)


def test_the_middle_of_few_answers_is_told_and_their_ends_are_not() -> None:
    few = only(*(timing(ttft=ttft) for ttft in (100.0, 300.0, 900.0)))
    assert few.ttft_ms is not None
    assert (few.answers, few.ttft_ms.median, few.ttft_ms.p95) == (3, 300.0, None)
    many = only(*(timing(ttft=100.0 + 10 * number) for number in range(FEWEST + 1)))
    assert many.ttft_ms is not None
    assert (many.ttft_ms.p5, many.ttft_ms.median, many.ttft_ms.p95) == (110.0, 200.0, 290.0)


@given(st.lists(st.floats(0, 1e6), min_size=FEWEST, max_size=200))
def test_percentiles_are_those_of_the_library(values: list[float]) -> None:
    found = quantiles(values)
    assert found is not None
    hundredths = statistics.quantiles(values, n=100, method="inclusive")
    for mine, theirs in ((found.p5, hundredths[4]), (found.median, hundredths[49]), (found.p95, hundredths[94])):
        assert mine is not None
        assert abs(mine - theirs) < 1e-3


def test_errors_and_stops_are_left_out_and_counted_and_what_is_made_still_is_nothing() -> None:
    found = only(
        timing(),
        timing(status=Status.FAILED, ttft=None),
        timing(status=Status.INTERRUPTED, ttft=9e9),
        timing(status=Status.STOPPED, ttft=9e9),
        timing(status=Status.STREAMING, ttft=9e9),
    )
    assert (found.answers, found.errors, found.stopped, found.left_out) == (1, 2, 1, 3)
    assert found.ttft_ms is not None
    assert found.ttft_ms.median == 400.0


def test_what_came_at_once_after_a_wait_was_held_back() -> None:
    assert is_held_back(of(measured([2.0], 120, 2.01), 120))
    assert is_held_back(of(measured([2.0, 2.0005, 2.001], 120, 2.02), 120))
    assert not is_held_back(of(measured([0.4, 1.0, 2.0], 120, 2.0), 120))
    found = only(timing(), of(measured([2.0], 120, 2.01), 120))
    assert (found.answers, found.held_back) == (1, 1)
    assert found.ttft_ms is not None
    assert found.ttft_ms.answers == 1


def test_a_few_words_and_an_answer_after_hidden_thoughts_come_in_one_piece_anywhere() -> None:
    assert not is_held_back(of(measured([2.0], 3, 2.01), 3))
    thought = of(measured([9.0], 503, 9.01), 503)
    assert is_held_back(thought)
    assert not is_held_back(msgspec.structs.replace(thought, reasoning_tokens=500))
    # Its first token tells something, its speed does not
    found = only(of(measured([2.0], 3, 2.01), 3))
    assert found.ttft_ms is not None
    assert found.speed is None


def test_models_stand_by_name_and_connection_and_days_are_the_users_own() -> None:
    late = NOON.replace(hour=23, minute=30)
    found = latencies(
        [timing(), timing(at=late), timing(model=("foundry", "a")), timing(model=("lab", "b"))],
        timezone(timedelta(hours=1)),
    )
    assert [str(each.model) for each in found] == ["foundry/a", "lab/a", "lab/b"]
    assert [(day, each.answers) for day, each in found[1].days] == [(date(2026, 11, 29), 1), (date(2026, 11, 28), 1)]
    assert found[1].whole.answers == 2


def test_what_was_not_measured_and_answers_of_no_model_are_none_of_it() -> None:
    assert latencies([timing(model=(None, None))]) == ()
    assert only(timing(), timing(whole=None, ttft=None, speed=None)).answers == 1
