"""Figures: times from sending, speed over the streamed tokens, and only what the server really said."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Usage
from desktop.session.answer_figures import ReplyFacts, Stopwatch, estimated_usage, figures

WATCH = Stopwatch(sent=10.0, first=10.4, last=12.4, ended=12.5)


def test_times_run_from_sending() -> None:
    made = figures(WATCH, ReplyFacts(finish_reason="stop"), Usage(output_tokens=201), None)
    assert made.ttft_ms == pytest.approx(400)
    assert made.duration_ms == pytest.approx(2500)
    assert made.tokens_per_second == pytest.approx(100)
    assert made.finish_reason == "stop"


def test_what_never_happened_has_no_figure() -> None:
    made = figures(Stopwatch(ended=1.0), ReplyFacts(), None, None)
    assert (made.ttft_ms, made.duration_ms, made.tokens_per_second, made.cost) == (None, None, None, None)


def test_hidden_reasoning_does_not_make_an_answer_look_faster() -> None:
    within = Usage(input_tokens=0, output_tokens=201, reasoning_tokens=100, total_tokens=201)
    assert figures(WATCH, ReplyFacts(), within, None).tokens_per_second == pytest.approx(50)


def test_reasoning_that_streams_counts_as_speed() -> None:
    watch = Stopwatch(sent=10.0, first=10.4, last=12.4, ended=12.5, saw_reasoning=True)
    apart = Usage(input_tokens=0, output_tokens=101, reasoning_tokens=100, total_tokens=201)
    assert figures(watch, ReplyFacts(), apart, None).tokens_per_second == pytest.approx(100)


def test_an_answer_in_one_piece_has_the_speed_of_the_whole_wait() -> None:
    made = figures(Stopwatch(1.0, 2.8, 2.8, 3.0), ReplyFacts(), Usage(output_tokens=100), None)
    assert made.tokens_per_second == pytest.approx(50)


@pytest.mark.parametrize(
    ("text", "count"), [("12", 12), ("0", 0), ("-1", None), ("many", None), ("", None), ("²", None)]
)
def test_a_limits_header_counts_only_where_it_is_a_number(text: str, count: int | None) -> None:
    headers = {"x-ratelimit-remaining-tokens": text, "x-ms-region": "Sweden Central"}
    made = figures(WATCH, ReplyFacts(headers=headers), None, None)
    assert (made.remaining_tokens, made.region) == (count, "Sweden Central")


def test_an_estimate_is_marked() -> None:
    usage = estimated_usage("abcd" * 3, "abcd" * 5, "abcd" * 2)
    assert usage == Usage(input_tokens=3, output_tokens=7, reasoning_tokens=2, estimated=True)


def test_thinking_lasts_from_its_first_token_to_the_texts_first_or_to_the_end() -> None:
    watch = Stopwatch(sent=1.0)
    for at, reasoning in ((2.0, True), (3.0, True), (4.5, False), (6.0, False)):
        watch.token(at, reasoning=reasoning)
    watch.ended = 7.0
    assert figures(watch, ReplyFacts(), None, None).reasoning_ms == pytest.approx(2500)
    unanswered = Stopwatch(sent=1.0, ended=7.0)
    unanswered.token(2.0, reasoning=True)
    assert figures(unanswered, ReplyFacts(), None, None).reasoning_ms == pytest.approx(5000)
    assert figures(WATCH, ReplyFacts(), None, None).reasoning_ms is None


def test_what_is_stopped_while_a_server_had_it_wait_took_no_time_below_zero() -> None:
    watch = Stopwatch(sent=100.0, ended=62.5)
    made = figures(watch, ReplyFacts(), None, None)
    assert (made.duration_ms, made.ttft_ms) == (None, None)
