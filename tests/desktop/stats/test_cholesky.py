"""Cholesky's factor: it gives its matrix back, solves, inverts, and refuses what is flat."""

from __future__ import annotations

from operator import mul

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.stats.cholesky import NotPositive, factored, inverted, solved

NUMBERS = st.floats(-3, 3, width=32)


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(NUMBERS, min_size=n, max_size=n), min_size=n, max_size=n)))
def test_a_matrix_and_its_inverse_make_one(root: list[list[float]]) -> None:
    size = len(root)
    matrix = [
        [sum(map(mul, one, other)) + (at == place) for at, other in enumerate(root)] for place, one in enumerate(root)
    ]
    inverse = inverted(factored(matrix))
    for place, row in enumerate(matrix):
        product = [sum(map(mul, row, column)) for column in zip(*inverse, strict=True)]
        assert product == pytest.approx([float(at == place) for at in range(size)], abs=1e-7)


def test_an_equation_is_solved() -> None:
    assert solved(factored([[4.0, 2.0], [2.0, 3.0]]), [10.0, 9.0]) == pytest.approx([1.5, 2.0])


@pytest.mark.parametrize("matrix", [[[0.0]], [[-1.0]], [[1.0, 1.0], [1.0, 1.0]], [[float("nan")]]])
def test_what_is_flat_is_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(NotPositive):
        factored(matrix)
