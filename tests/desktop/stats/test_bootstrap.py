"""The bootstrap of means: as wide as theory says, the same each time, and by clusters where there are any."""

from __future__ import annotations

import math
import random

import pytest

from desktop.evals.execution.case_scores import clustered_se
from desktop.stats.bootstrap import MOST_CASES, Resamples, percentiles


def spread(means: list[float]) -> float:
    middle = sum(means) / len(means)
    return math.sqrt(sum((mean - middle) ** 2 for mean in means) / (len(means) - 1))


@pytest.mark.parametrize("kind", ["passes", "scores"])
def test_means_scatter_by_the_standard_error(kind: str) -> None:
    chance = random.Random(3)
    values = [chance.choice((-1.0, 0.0, 1.0)) if kind == "passes" else chance.gauss(0.1, 1) for _ in range(80)]
    means = Resamples().means(values, [1] * 80)
    assert spread(means) == pytest.approx(clustered_se(values, range(80)), rel=0.08)
    assert sum(means) / len(means) == pytest.approx(sum(values) / 80, abs=0.02)


def test_clusters_are_drawn_whole() -> None:
    sums, sizes = [3.0, 0.0, 3.0, 0.0, 3.0, 0.0] * 4, [3] * 24
    means = Resamples().means(sums, sizes)
    assert spread(means) == pytest.approx(0.5 / math.sqrt(24), rel=0.08)


def test_the_same_is_drawn_each_time() -> None:
    values = [1.0, 0.0, 0.0, 1.0, 0.5]
    assert Resamples().means(values, [1] * 5) == Resamples().means(values, [1] * 5)
    assert Resamples(seed=1).means(values, [1] * 5) != Resamples().means(values, [1] * 5)


def test_percentiles_leave_out_as_much_at_both_ends() -> None:
    assert percentiles([float(number) for number in range(101)], 0.1) == (5, 95)


def test_more_than_hundreds_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        Resamples().means([0.0] * (MOST_CASES + 1), [1] * (MOST_CASES + 1))
