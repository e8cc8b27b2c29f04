"""How much of a job's results is held at once, and that none of them is lost by it."""

from __future__ import annotations

import random

import pytest

from desktop.providers.wire.batch_files import BatchResult
from desktop.runs.batch.batch_plan import name_of
from desktop.runs.batch.result_portion import ResultPortion
from desktop.suite_cells import CellKey

CELLS = [CellKey(case, 0, 0) for case in range(12)]


def line(key: CellKey, size: int, status: int = 200) -> BatchResult:
    return BatchResult(custom_id=name_of(key), status=status, body=b"x" * size)


def taken(lines: list[BatchResult | None], most_bytes: int) -> tuple[dict[CellKey, BatchResult], int]:
    """What all portions hold, and the most bytes that one did beside its first."""
    left, found, most = list(CELLS), dict[CellKey, BatchResult](), 0
    while left:
        portion = ResultPortion(CELLS, left, most_bytes)
        for each in lines:
            portion.add(each)
        sizes = [len(each.body) for each in portion.results.values()]
        most = max(most, sum(sizes) if len(sizes) > 1 else 0)
        found |= portion.results
        assert len(portion.later) < len(left)
        left = sorted(portion.later)
    return found, most


@pytest.mark.parametrize("seed", range(20))
def test_by_portions_the_same_is_taken_as_at_once(seed: int) -> None:
    dice = random.Random(seed)
    lines: list[BatchResult | None] = [
        line(dice.choice(CELLS), dice.randrange(40), dice.choice((200, 400))) for _ in range(40)
    ]
    whole, _ = taken(lines, 1 << 20)
    parts, most = taken(lines, 60)
    assert parts == whole
    assert most <= 60


def test_an_answer_that_is_greater_than_a_portion_is_held_alone() -> None:
    lines: list[BatchResult | None] = [line(each, 100) for each in CELLS]
    assert len(taken(lines, 60)[0]) == len(CELLS)


def test_the_first_answered_line_of_a_cell_counts_and_others_are_counted() -> None:
    portion = ResultPortion(CELLS[:2], CELLS[:1])
    first, other = CELLS[:2]
    for each in (line(first, 1, 400), line(first, 2), line(first, 3), line(other, 9), None):
        portion.add(each)
    for number in range(1000):
        portion.add(BatchResult(custom_id=f"foreign {number}"))
    assert portion.results == {first: line(first, 2)}
    assert (portion.unreadable, portion.unknown) == (1, 1000)
    assert list(portion.names) == ["foreign 0", "foreign 1", "foreign 2"]
