"""The results of a run in words: what is claimed, what is not and why, and figures without false digits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from desktop.evals.execution.result_values import RunResults
from desktop.evals.execution.run_results import results
from desktop.evals.suites.suite import Case
from desktop.reports.run_text import CONTENDER_COLUMNS, PAIR_COLUMNS, contender_cells, pair_cells, points, sentences
from tests.desktop.evals.made_runs import Scored, heads, run_of, suite


def results_of(*columns: Sequence[Scored], cases: tuple[Case, ...] | None = None) -> RunResults:
    names = "abc"[: len(columns)]
    of = suite(len(columns[0]) if cases is None else cases, names)
    return results(run_of(of), of, heads(*columns))


def test_the_better_one_is_named_with_points_interval_and_cases() -> None:
    (said,) = sentences(results_of([1.0] * 90 + [0.0] * 10, [1.0] * 70 + [0.0] * 30))
    assert said == "lab/a is better than lab/b: 20 points (11 to 28) over 100 cases."


def test_what_no_run_shows_is_said() -> None:
    said = sentences(results_of([1.0, 0.0] * 10, [0.0, 1.0] * 10))
    assert said[0] == "This run does not show that any contender is better than another."
    assert said[1].startswith("lab/a and lab/b: inconclusive; the difference of 0 points (−")


def test_no_difference_that_matters_names_what_matters() -> None:
    said = sentences(results_of([1.0] * 400, [1.0] * 400))
    assert said[1].startswith("lab/a and lab/b differ by no more than 5 points (−")


def test_too_few_cases_say_nothing() -> None:
    said = sentences(results_of([1.0] * 4, [0.0] * 4))
    assert said[1] == "lab/a and lab/b: nothing can be concluded from 4 cases scored for both."
    assert "from 1 case scored for both" in sentences(results_of([1.0], [0.0]))[1]


def test_tags_are_told_where_one_is_better_and_that_they_were_not_planned() -> None:
    cases = tuple(Case(prompt=0, origin=at, tags=("de",) if at % 2 else ()) for at in range(20))
    said = sentences(results_of([1.0] * 20, [1.0, 0.0] * 10, cases=cases))
    assert said[-1].startswith("Tag de (exploratory): lab/a is better than lab/b: 100 points (")


def test_a_row_has_a_cell_for_each_column_and_none_for_what_is_not_known() -> None:
    found = results_of([1.0, "error", 0.0], ["error"] * 3)
    rows = [contender_cells(each) for each in found.contenders]
    assert {len(row) for row in rows} == {len(CONTENDER_COLUMNS)}
    assert rows[0][:2] == ("lab/a", "50%")
    assert rows[1][1:9] == ("", "", "", "", "0", "0", "0", "3")
    (pair,) = (pair_cells(each, ["A", "B"]) for each in found.pairs)
    assert pair == ("A", "B", "", "", "", "0", "", "", "too few cases")
    assert len(pair) == len(PAIR_COLUMNS)


@pytest.mark.parametrize(
    ("difference", "said"), [(0.123, "12"), (0.034, "3.4"), (-0.1, "−10"), (0.05, "5"), (-0.0001, "0"), (1.0, "100")]
)
def test_points_have_as_many_digits_as_say_something(difference: float, said: str) -> None:
    assert points(difference) == said
