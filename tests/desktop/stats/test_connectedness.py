"""Parts: who met through any chain, and within which wins and ties lead to and fro."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.stats.connectedness import parts, strong_parts

EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14)


def test_chains_join_and_what_never_met_stays_apart() -> None:
    assert parts(6, [(0, 1), (3, 1), (4, 5)]) == [[0, 1, 3], [2], [4, 5]]
    assert parts(0, []) == []


def test_a_circle_of_wins_is_one_part_and_a_way_without_return_is_none() -> None:
    assert strong_parts(3, [(0, 1), (1, 2), (2, 0)]) == [[0, 1, 2]]
    assert strong_parts(4, [(0, 1), (1, 0), (1, 2), (2, 3), (3, 2)]) == [[0, 1], [2, 3]]


def test_a_chain_that_is_longer_than_the_stack_is_walked() -> None:
    size = 5000
    ring = [(place, (place + 1) % size) for place in range(size)]
    assert strong_parts(size, ring) == [[*range(size)]]
    assert len(strong_parts(size, ring[:-1])) == size
    assert parts(size, ring[:-1]) == [[*range(size)]]


def reached(start: int, edges: list[tuple[int, int]]) -> set[int]:
    found, new = {start}, {start}
    while new:
        new = {to for of, to in edges if of in new} - found
        found |= new
    return found


@given(EDGES)
def test_parts_are_those_of_plain_walking(edges: list[tuple[int, int]]) -> None:
    both = [*edges, *((to, of) for of, to in edges)]
    assert {tuple(part) for part in parts(7, edges)} == {tuple(sorted(reached(place, both))) for place in range(7)}
    strong = {
        tuple(sorted(each for each in reached(place, edges) if place in reached(each, edges))) for place in range(7)
    }
    assert {tuple(part) for part in strong_parts(7, edges)} == strong
