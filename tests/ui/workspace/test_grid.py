"""Where panes lie, what dragging does to them, where a point leads; pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.comparison import Arrangement
from ui.workspace.grid import LINE, LOWEST, NARROWEST, Rect, dragged, edges, least, rects, spot

ROW, COLUMN, GRID = Arrangement.ROW, Arrangement.COLUMN, Arrangement.GRID
SHARES = st.lists(st.floats(min_value=0.05, max_value=10), min_size=1, max_size=16)


@given(SHARES, st.sampled_from(Arrangement), st.integers(300, 4000), st.integers(300, 3000))
def test_panes_fill_the_room_and_never_overlap(
    shares: list[float], arrangement: Arrangement, width: int, height: int
) -> None:
    low = least(len(shares), arrangement, width)
    width, height = max(width, low[0]), max(height, low[1])
    placed = rects(width, height, arrangement, shares)
    assert sum(rect.width * rect.height for rect in placed) <= width * height
    assert max(rect.x + rect.width for rect in placed) == width
    assert max(rect.y + rect.height for rect in placed) == height
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_a_row_gives_each_its_part_but_never_less_than_can_be_read() -> None:
    assert [rect.width for rect in rects(1201, 500, ROW, [1, 1])] == [600, 600]
    assert [rect.width for rect in rects(1201, 500, ROW, [3, 1])] == [880, 320]
    assert least(3, ROW, 500) == (3 * NARROWEST + 2 * LINE, 0)
    assert least(3, COLUMN, 500) == (0, 3 * LOWEST + 2 * LINE)
    assert least(1, GRID, 500) == (0, 0)


def test_a_grid_has_no_more_columns_than_there_is_room_for_and_is_never_wider() -> None:
    room = {9: [(2000, 3), (3 * NARROWEST + 1, 2), (2 * NARROWEST, 1), (200, 1)], 2: [(2000, 2), (500, 1)]}
    for count, widths in room.items():
        for width, columns in widths:
            placed = rects(width, 3000, GRID, [1] * count)
            assert len({rect.x for rect in placed}) == columns
            assert least(count, GRID, width)[0] <= width


def test_heights_that_were_dragged_are_those_of_as_many_lines() -> None:
    assert [rect.height for rect in rects(700, 901, GRID, [1] * 4, [2, 1])] == [600, 600, 300, 300]
    assert {rect.height for rect in rects(600, 1203, GRID, [1] * 4, [2, 1])} == {300}


def test_five_in_a_grid_stand_in_two_lines_of_their_own_heights() -> None:
    placed = rects(1200, 901, GRID, [1] * 5, [2, 1])
    assert [rect.y for rect in placed] == [0, 0, 0, 601, 601]
    assert [rect.height for rect in placed] == [600, 600, 600, 300, 300]
    found = edges(placed, GRID)
    assert [(edge.first, edge.of_lines) for edge in found] == [(0, False), (1, False), (3, False), (0, True)]
    assert found[-1].rect == Rect(0, 600, 1200, LINE)


def test_dragging_takes_from_one_and_gives_to_the_other_down_to_the_least() -> None:
    assert dragged([600, 600, 600], 0, 100, 340) == [700 / 600, 500 / 600, 1]
    assert dragged([600, 600, 600], 1, -1000, 340) == [1, 340 / 600, 860 / 600]


def test_a_point_leads_onto_a_pane_or_between_two() -> None:
    placed = rects(1201, 500, ROW, [1, 1])
    found = [spot(placed, ROW, x, 250) for x in (300, 10, 590, 610, 1190)]
    assert [(each.place, each.beside) for each in found if each] == [
        (0, False),
        (0, True),
        (1, True),
        (1, True),
        (2, True),
    ]
    assert spot(placed, ROW, 1300, 250) is None
    halves = [spot(placed, ROW, x, 250, beside_only=True) for x in (100, 500)]
    assert [(each.place, each.beside) for each in halves if each] == [(0, True), (1, True)]


def test_in_a_column_the_edges_are_above_and_below() -> None:
    placed = rects(500, 1201, COLUMN, [1, 1])
    found = [spot(placed, COLUMN, 5, y) for y in (10, 300, 590)]
    assert [(each.place, each.beside) for each in found if each] == [(0, True), (0, False), (1, True)]


def test_what_is_dropped_on_the_line_between_two_goes_between_them() -> None:
    placed = rects(1201, 500, ROW, [1, 1])
    found = spot(placed, ROW, placed[1].x - 1, 250)
    assert found is not None
    assert (found.place, found.beside) == (1, True)
