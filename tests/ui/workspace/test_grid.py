"""Where panes lie, what dragging does to them, where a point leads; pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.comparison import Arrangement
from ui.workspace.grid import LINE, NARROWEST, SHORTEST, THINNEST, Plan, Rect, dragged, edges, planned, rects, spot

ROW, COLUMN, GRID = Arrangement.ROW, Arrangement.COLUMN, Arrangement.GRID
BESIDE, BELOW = Plan((range(2),)), Plan((range(2),), down=True)
SHARES = st.lists(st.floats(min_value=0.05, max_value=10), min_size=1, max_size=16)


def shown(count: int, arrangement: Arrangement, width: int, height: int) -> tuple[int, int]:
    """How many panes stand side by side, and how many lines of them are seen at a time."""
    plan = planned(count, arrangement, width, height)
    longest = max(len(line) for line in plan.lines)
    return (1, longest) if plan.down else (longest, min(plan.in_view, len(plan.lines)))


@given(SHARES, st.sampled_from(Arrangement), st.integers(300, 4000), st.integers(300, 3000))
def test_panes_fill_the_room_and_never_overlap(
    shares: list[float], arrangement: Arrangement, width: int, seen: int
) -> None:
    plan = planned(len(shares), arrangement, width, seen)
    height = plan.height(seen)
    placed = rects(width, height, plan, shares)
    assert sum(rect.width * rect.height for rect in placed) <= width * height
    assert max(rect.x + rect.width for rect in placed) == width
    assert max(rect.y + rect.height for rect in placed) == height
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(st.integers(1, 16), st.sampled_from(Arrangement), st.integers(300, 4000), st.integers(300, 3000))
def test_no_pane_is_cut_at_any_line_to_which_the_area_scrolls(
    count: int, arrangement: Arrangement, width: int, seen: int
) -> None:
    plan = planned(count, arrangement, width, seen)
    placed = rects(width, plan.height(seen), plan, [1.0] * count)
    tops = sorted({rect.y for rect in placed})
    for top in tops[: len(plan.lines) - plan.in_view + 1]:
        bottoms = [rect.y + rect.height for rect in placed if top <= rect.y < top + seen - 2]
        assert all(bottom <= top + seen + 1 for bottom in bottoms)
    assert all(rect.height >= SHORTEST - 1 for rect in placed)
    assert count == 1 or min(rect.width for rect in placed) >= min(THINNEST, width)


def test_what_does_not_fit_in_a_row_or_a_column_becomes_a_grid() -> None:
    assert shown(3, ROW, 3 * NARROWEST + 2 * LINE, 500) == (3, 1)
    assert shown(3, ROW, 3 * NARROWEST + LINE, 500) == (2, 2)
    assert shown(3, COLUMN, 900, 3 * SHORTEST + 2 * LINE) == (1, 3)
    assert shown(3, COLUMN, 900, 3 * SHORTEST + LINE) == (3, 1)


def test_eight_panes_are_all_seen_in_usual_windows_and_sixteen_scroll_by_whole_lines() -> None:
    sizes = ((751, 500), (1093, 534), (1007, 560), (1327, 760), (2300, 1200))
    assert [shown(8, ROW, *size) for size in sizes] == [(3, 3), (4, 2), (3, 3), (3, 3), (3, 3)]
    assert shown(16, ROW, 751, 500) == (2, 3)


def test_a_grid_has_no_more_columns_than_there_is_room_for() -> None:
    room = {9: [(2000, 3), (2 * NARROWEST + LINE, 2), (200, 1)], 2: [(2000, 2), (400, 1)]}
    for count, widths in room.items():
        for width, columns in widths:
            placed = rects(width, 3000, planned(count, GRID, width, 3000), [1] * count)
            assert len({rect.x for rect in placed}) == columns


def test_a_row_gives_each_its_part_but_never_less_than_can_be_read() -> None:
    assert [rect.width for rect in rects(1201, 500, planned(2, ROW, 1201, 500), [1, 1])] == [600, 600]
    assert [rect.width for rect in rects(1201, 500, planned(2, ROW, 1201, 500), [3, 1])] == [880, 320]


def test_heights_that_were_dragged_are_those_of_as_many_lines() -> None:
    plan = planned(4, GRID, 700, 901)
    assert [rect.height for rect in rects(700, 901, plan, [1] * 4, [2, 1])] == [600, 600, 300, 300]
    assert {rect.height for rect in rects(700, 901, plan, [1] * 4, [2, 1, 1])} == {450}


def test_five_in_a_grid_stand_in_two_lines_of_their_own_heights() -> None:
    plan = planned(5, GRID, 1200, 901)
    placed = rects(1200, 901, plan, [1] * 5, [2, 1])
    assert [rect.y for rect in placed] == [0, 0, 0, 601, 601]
    assert [rect.height for rect in placed] == [600, 600, 600, 300, 300]
    found = edges(placed, plan)
    assert [(edge.first, edge.of_lines) for edge in found] == [(0, False), (1, False), (3, False), (0, True)]
    assert found[-1].rect == Rect(0, 600, 1200, LINE)


def test_dragging_takes_from_one_and_gives_to_the_other_down_to_the_least() -> None:
    assert dragged([600, 600, 600], 0, 100, 340) == [700 / 600, 500 / 600, 1]
    assert dragged([600, 600, 600], 1, -1000, 340) == [1, 340 / 600, 860 / 600]


def test_a_point_leads_onto_a_pane_or_between_two() -> None:
    placed = rects(1201, 500, BESIDE, [1, 1])
    found = [spot(placed, BESIDE, x, 250) for x in (300, 10, 590, 610, 1190)]
    assert [(each.place, each.beside) for each in found if each] == [
        (0, False),
        (0, True),
        (1, True),
        (1, True),
        (2, True),
    ]
    assert spot(placed, BESIDE, 1300, 250) is None
    halves = [spot(placed, BESIDE, x, 250, beside_only=True) for x in (100, 500)]
    assert [(each.place, each.beside) for each in halves if each] == [(0, True), (1, True)]


def test_in_a_column_the_edges_are_above_and_below() -> None:
    placed = rects(500, 1201, BELOW, [1, 1])
    found = [spot(placed, BELOW, 5, y) for y in (10, 300, 590)]
    assert [(each.place, each.beside) for each in found if each] == [(0, True), (0, False), (1, True)]


def test_what_is_dropped_on_the_line_between_two_goes_between_them() -> None:
    placed = rects(1201, 500, BESIDE, [1, 1])
    found = spot(placed, BESIDE, placed[1].x - 1, 250)
    assert found is not None
    assert (found.place, found.beside) == (1, True)
