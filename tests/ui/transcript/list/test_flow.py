"""Tests of the flow of rows: what is read stands still, whatever is found out or changes around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.transcript.list.flow import Flow, Heights, Placed


@dataclass(eq=False)
class Part:
    real: int
    guess: int = 50
    known: bool = False
    laid_out: int = 0

    def height(self, width: int) -> int:
        self.laid_out += not self.known
        self.known = True
        return self.real

    def likely_height(self, width: int) -> int:
        return self.real if self.known else self.guess


@dataclass(eq=False)
class Message:
    slabs: Sequence[Part] = field(default_factory=list[Part])

    def likely_height(self, width: int) -> int:
        return sum(part.likely_height(width) for part in self.slabs)


def flow_of(*rows: Sequence[int], height: int = 100) -> tuple[Flow[Part], list[Message]]:
    messages = [Message([Part(real) for real in row]) for row in rows]
    flow = Flow[Part]()
    flow.resize(400, height)
    flow.set_rows(messages, 0)
    return flow, messages


def tops(placed: Sequence[Placed[Part]]) -> list[tuple[int, int, int]]:
    return [(each.row, each.number, each.top) for each in placed]


@given(st.lists(st.integers(0, 500), min_size=1), st.data())
def test_sums_are_those_of_the_heights(heights: list[int], data: st.DataObject) -> None:
    tree = Heights(heights[: len(heights) // 2])
    for height in heights[len(heights) // 2 :]:
        tree.add(height)
    row = data.draw(st.integers(0, len(heights) - 1))
    heights[row] = data.draw(st.integers(0, 500))
    tree.set(row, heights[row])
    assert [tree.above(number) for number in range(len(heights) + 1)] == [
        sum(heights[:number]) for number in range(len(heights) + 1)
    ]
    y = data.draw(st.integers(0, sum(heights) + 10))
    found, below = tree.at(y)
    assert sum(heights[:found]) + below == y
    assert y >= sum(heights) or below < heights[found]


def test_no_row_has_no_height() -> None:
    with pytest.raises(IndexError):
        Heights().at(0)
    flow = Flow[Part]()
    flow.scroll(10)
    flow.jump(10)
    assert (flow.visible(), flow.value, flow.total, flow.row_at(0)) == ([], 0, 0, -1)


def test_the_end_is_shown_first_and_only_what_is_seen_is_laid_out() -> None:
    flow, messages = flow_of([30, 40], [20, 60], [50])
    assert tops(flow.visible()) == [(1, 1, -10), (2, 0, 50)]
    assert [part.laid_out for message in messages for part in message.slabs] == [0, 0, 0, 1, 1]


def test_few_rows_begin_at_the_top() -> None:
    flow, _ = flow_of([30], [20])
    assert tops(flow.visible()) == [(0, 0, 0), (1, 0, 30)]
    assert flow.value == 0


def test_scrolling_up_corrects_guesses_without_a_jump() -> None:
    flow, _ = flow_of([200], [90], [100])
    flow.visible()
    flow.scroll(-30)
    assert tops(flow.visible()) == [(1, 0, -60), (2, 0, 30)]
    assert not flow.following
    flow.scroll(-100)
    assert tops(flow.visible())[0] == (0, 0, -160)
    flow.scroll(10_000)
    assert flow.following
    assert tops(flow.visible()) == [(2, 0, 0)]


def test_a_row_that_grows_moves_nothing_for_a_reader_above_and_is_followed_at_the_end() -> None:
    flow, messages = flow_of([80], [80], [80])
    flow.visible()
    flow.scroll(-60)
    before = tops(flow.visible())
    messages[2].slabs[0].real = 300
    flow.row_changed(2)
    assert tops(flow.visible()) == before
    flow.to_end()
    assert tops(flow.visible()) == [(2, 0, -200)]


def test_a_slab_that_is_held_stays_while_others_come_above_it() -> None:
    flow, messages = flow_of([80], [80], [200])
    flow.visible()
    flow.scroll(-130)
    placed = flow.visible()[-1]
    row = messages[placed.row]
    row.slabs = [Part(60), *row.slabs]
    flow.row_changed(placed.row)
    flow.hold(placed.row, placed.number + 1, placed.top)
    assert (placed.row, placed.number + 1, placed.top) in tops(flow.visible())


def test_a_jump_lands_where_the_bar_stands() -> None:
    flow, _ = flow_of(*([50] for _ in range(100)))
    flow.visible()
    flow.jump(2525)
    assert tops(flow.visible())[0] == (50, 0, -25)
    assert flow.value == 2525
    assert flow.row_at(30) == 51
    assert flow.top_of(52) == 75


def test_rows_taken_away_leave_the_anchor_among_those_that_are_left() -> None:
    flow, messages = flow_of(*([50] for _ in range(10)))
    flow.visible()
    flow.set_rows(messages[:3], 3)
    assert tops(flow.visible()) == [(1, 0, 0), (2, 0, 50)]


@given(
    st.lists(st.lists(st.integers(1, 300), min_size=1, max_size=4), min_size=1, max_size=12),
    st.lists(st.one_of(st.integers(-400, 400), st.floats(0, 1)), max_size=12),
)
def test_wherever_it_is_scrolled_the_window_is_full_and_whole(rows: list[list[int]], moves: list[int | float]) -> None:
    flow, messages = flow_of(*rows)
    flow.visible()
    for move in moves:
        if isinstance(move, float):
            flow.jump(int(move * flow.total))
        else:
            flow.scroll(move)
        placed = flow.visible()
        assert placed[0].top <= 0
        bottom = placed[0].top
        for each in placed:
            assert each.top == bottom
            bottom += messages[each.row].slabs[each.number].real
        everything = sum(part.real for message in messages for part in message.slabs)
        assert bottom >= min(100, everything)
        assert 0 <= flow.value <= flow.total
