"""Figures of a turn and over all turns, who is first, and totals."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Status
from desktop.metrics.figures import FigureLine, Mark, of_live, of_turn, over_all, standings, total, turns
from desktop.metrics.pace import Pace
from tests.desktop.metrics.made import answer, prompt


def marks(*lines: FigureLine) -> list[list[str]]:
    return [[str(standing) for standing in each] for each in standings(lines)]


def test_a_turn_is_a_prompt_and_its_answer() -> None:
    path = [prompt("1"), answer("a"), prompt("2")]
    assert [(asked.text, said.text if said else None) for asked, said in turns(path)] == [("1", "a"), ("2", None)]


def test_a_line_has_the_figures_of_its_turn() -> None:
    path = [prompt(), answer(speed=10), prompt(), answer(speed=20, tokens=70, ttft=100, cost=0.5)]
    line = of_turn("m", path, 1)
    assert (line.tokens_per_second, line.output_tokens, line.ttft_ms, line.cost, line.ending) == (
        20,
        70,
        100,
        0.5,
        "stop",
    )
    assert of_turn("m", path, 5) == FigureLine(name="m")
    assert of_turn("m", [], -1) == FigureLine(name="m")


def test_the_figures_of_a_turn_are_those_of_its_last_answer() -> None:
    path = [answer(tokens=1), prompt(), answer(tokens=2), answer(tokens=3), prompt(), prompt(), answer(tokens=4)]
    tokens = [of_turn("m", path, turn).output_tokens for turn in range(4)]
    assert tokens == [
        None if said is None or said.usage is None else said.usage.output_tokens for _, said in turns(path)
    ] + [None]
    assert tokens == [3, None, 4, None]


def test_an_answer_that_is_not_whole_says_what_became_of_it() -> None:
    assert of_turn("m", [prompt(), answer(status=Status.STOPPED)], 0).ending == "stopped"


def test_what_was_copied_from_another_conversation_is_none_of_this_ones_figures() -> None:
    path = [prompt(), answer(ttft=100, whole=400, cost=0.5), prompt(), answer(ttft=300, whole=900, cost=0.25)]
    copied = [msgspec.structs.replace(each, created_at=each.created_at - timedelta(days=1)) for each in path[:2]]
    line = over_all("m", [*copied, *path[2:]], path[0].created_at)
    assert (line.answers, line.cost, line.ttft_ms) == (1, 0.25, 300)
    assert over_all("m", path, path[0].created_at).answers == 2


def test_of_several_answers_all_the_waiting_is_in_the_time_that_they_took() -> None:
    line = over_all("m", [prompt(), answer(ttft=100, whole=400), prompt(), answer(ttft=300, whole=900)])
    assert (line.ttft_ms, line.phases.waiting, line.phases.answering) == (200, 400, 900)


def test_over_all_turns_times_are_averaged_and_the_rest_is_summed() -> None:
    path = [
        prompt(),
        answer(ttft=100, speed=100, tokens=100, whole=1000, cost=0.1),
        prompt(),
        answer(ttft=300, speed=50, tokens=100, whole=2000, cost=0.2, reason="length"),
        prompt(),
    ]
    line = over_all("m", path)
    assert (line.answers, line.ttft_ms, line.duration_ms, line.output_tokens) == (2, 200, 3000, 200)
    assert line.cost == pytest.approx(0.3)
    assert line.tokens_per_second == pytest.approx(200 / 3)
    assert line.ending == "stop 1, length 1"
    assert over_all("m", [prompt()]) == FigureLine(name="m")


def test_what_nobody_measured_stays_unknown() -> None:
    line = over_all("m", [prompt(), answer(), prompt(), answer()])
    assert (line.ttft_ms, line.tokens_per_second, line.cost, line.output_tokens) == (None, None, None, None)
    assert line.ending == "stop"


def test_the_first_in_speed_cost_and_length_are_marked() -> None:
    fast = FigureLine(name="a", tokens_per_second=90, cost=0.2, output_tokens=20)
    cheap = FigureLine(name="b", tokens_per_second=60, cost=0.1, output_tokens=30)
    assert marks(fast, cheap) == [["fastest"], ["cheapest", "longest"]]


def test_an_answer_of_a_few_tokens_has_no_rate_and_is_first_in_nothing() -> None:
    few, *enough = (
        of_turn("m", [prompt(), answer(speed=speed, tokens=tokens, cost=0.1 * tokens, ttft=100, whole=1000)], 0)
        for speed, tokens in ((900, 19), (60, 20), (50, 30))
    )
    assert (few.tokens_per_second, few.output_tokens) == (None, 19)
    assert marks(few, *enough) == [
        [],
        ["tied soonest", "fastest", "tied shortest", "cheapest"],
        ["tied soonest", "tied shortest", "longest"],
    ]


def test_each_time_is_ranked_by_itself() -> None:
    first = FigureLine(name="a", ttft_ms=100, tokens_per_second=10, duration_ms=9000)
    other = FigureLine(name="b", ttft_ms=300, tokens_per_second=90, duration_ms=4000)
    assert marks(first, other) == [["soonest"], ["fastest", "shortest"]]


def test_ties_are_shown_as_ties_and_speeds_that_are_nearly_the_same_are_one() -> None:
    lines = [FigureLine(name=str(speed), tokens_per_second=speed) for speed in (100, 98, 90)]
    assert marks(*lines) == [["tied fastest"], ["tied fastest"], []]


def test_nobody_is_first_alone_or_where_nothing_costs_anything() -> None:
    assert marks(FigureLine(name="a", tokens_per_second=1), FigureLine(name="b")) == [[], []]
    assert marks(FigureLine(name="a", cost=0.0), FigureLine(name="b", cost=0.0)) == [[], []]
    assert marks(FigureLine(name="a", cost=0.0), FigureLine(name="b", cost=0.1)) == [["cheapest"], []]
    assert marks() == []


@given(st.lists(st.one_of(st.none(), st.floats(0.1, 1e6)), max_size=8))
def test_there_is_a_fastest_where_two_are_measured(speeds: list[float | None]) -> None:
    firsts = standings([FigureLine(name="m", tokens_per_second=speed) for speed in speeds])
    marked = [at for at, each in enumerate(firsts) if any(standing.mark is Mark.FASTEST for standing in each)]
    known = [speed for speed in speeds if speed is not None]
    if len(known) < 2:
        assert marked == []
    else:
        assert speeds.index(max(known)) in marked


def test_the_total_adds_up_and_takes_the_longest_time() -> None:
    lines = [
        FigureLine(name="a", answers=1, duration_ms=5, output_tokens=3),
        FigureLine(name="b", answers=1, duration_ms=9, cost=1),
    ]
    whole = total(lines)
    assert (whole.answers, whole.duration_ms, whole.output_tokens, whole.cost) == (2, 9, 3, 1)


def test_phases_fill_the_whole_time() -> None:
    assert FigureLine(name="m", ttft_ms=100, reasoning_ms=300, duration_ms=1000).phases == (100, 300, 600)
    assert FigureLine(name="m", ttft_ms=100, reasoning_ms=5000, duration_ms=1000).phases == (100, 900, 0)
    assert FigureLine(name="m").phases == (0, 0, 0)


def test_an_answer_in_the_making_is_measured_as_far_as_it_came() -> None:
    pace = Pace(10)
    assert of_live("m", pace, 12).ending == "waiting"
    assert of_live("m", pace, 9).ttft_ms is of_live("m", pace, 9).duration_ms is None
    assert of_live("m", pace, 9).output_tokens is None  # the server has it wait
    assert of_live("m", pace, 12).phases == (2000, 0, 0)
    pace.add(12, 40, reasoning=True)
    pace.add(13, 400)
    line = of_live("m", pace, 14)
    assert (line.ttft_ms, line.reasoning_ms, line.duration_ms, line.output_tokens) == (2000, 1000, 4000, 110)
    assert (line.tokens_per_second, line.ending, line.estimated) == (55, "answering", True)


def test_an_answer_that_broke_off_is_first_in_nothing() -> None:
    half = FigureLine(name="a", tokens_per_second=90, cost=0.1, output_tokens=50, whole=False)
    whole = [FigureLine(name=name, tokens_per_second=60, cost=0.2, output_tokens=30) for name in ("b", "c")]
    assert [bool(each) for each in standings([half, *whole])] == [False, True, True]
