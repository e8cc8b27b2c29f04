"""What goes into which file, and what a cell is called there."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import ModelRef, Wire
from desktop.domain.suite_cells import CellKey
from desktop.evals.batch.batch_costs import in_batches, most_cost
from desktop.evals.batch.batch_plan import FileBounds, SizedLine, files_of, key_of, name_of
from desktop.evals.execution.run_estimate import estimate
from desktop.evals.suites.suite import GraderSpec
from tests.desktop.evals.run_desk import PRICED, suite

LAB = ModelRef.parse("lab/a")


def line(case: int, model: ModelRef = LAB, wire: Wire = Wire.CHAT, size: int = 10) -> SizedLine:
    return SizedLine(CellKey(case, 0, 0), model, wire, size)


def test_a_cell_is_found_again_by_its_name_and_nothing_else_is() -> None:
    key = CellKey(12, 0, 3)
    assert key_of(name_of(key)) == key
    assert [key_of(each) for each in ("", "1-2", "1-2-3-4", "01-2-3", "-1-2-3", "a-b-c", "1-2-٣")] == [None] * 7


@pytest.mark.parametrize(("bounds", "cells"), [(FileBounds(2, 100), [2, 1]), (FileBounds(9, 25), [2, 1])])
def test_a_file_ends_at_either_bound(bounds: FileBounds, cells: list[int]) -> None:
    found = files_of("r", [line(number) for number in range(3)], 4, lambda model, wire: "/x", bounds)
    assert [len(each) for _, each in found] == cells
    assert [job.number for job, _ in found] == [4, 5]


def test_each_deployment_and_each_route_has_files_of_its_own() -> None:
    other = ModelRef.parse("lab/b")
    lines = [line(0), line(1, other), line(2), line(3, wire=Wire.RESPONSES)]
    found = files_of("r", lines, 0, lambda model, wire: f"/{wire.value}")
    assert [(job.model, job.endpoint, [key.case for key in cells]) for job, cells in found] == [
        ("a", "/chat", [0, 2]),
        ("b", "/chat", [1]),
        ("a", "/responses", [3]),
    ]


def test_an_estimate_is_halved_but_for_judges() -> None:
    judge = GraderSpec(type="judge", options={"model": "lab/echo", "rubric": "Good?"})
    whole = estimate(suite("lab/echo", graders=[judge], parameters={"max_tokens": 10}), lambda _model: PRICED[0])
    half = in_batches(whole)
    assert (half.judge_cost_high, half.calls) == (whole.judge_cost_high, whole.calls)
    own = (whole.contenders[0].cost_high or 0.0) / 2
    assert own > 0
    assert half.contenders[0].cost_high == own
    assert half.cost_high == pytest.approx(own + (whole.judge_cost_high or 0.0))


def test_the_most_that_cells_cost_is_that_of_their_longest_answers() -> None:
    asked = suite("lab/echo", words=["one"], parameters={"max_tokens": 100})
    high = in_batches(estimate(asked, lambda _model: PRICED[0])).cost_high
    assert most_cost(asked, [CellKey(0, 0, 0)], lambda _model: PRICED[0]) == pytest.approx(high)
