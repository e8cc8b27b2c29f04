"""Cholesky's factor of a small symmetric matrix, in plain Python: solving and inverting; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

Rows = list[list[float]]
"""A matrix by rows; of a lower triangle each row ends at the diagonal."""

_LEAST = 1e-13
"""A pivot below this part of what stood there is taken for none."""


class NotPositive(ArithmeticError):
    """The matrix is not positive definite: some direction of it is flat."""


def factored(matrix: Sequence[Sequence[float]]) -> Rows:
    """The lower triangle whose product with its transpose is the matrix; only its lower half is read.

    Raises NotPositive.
    """
    rows: Rows = []
    for place, given in enumerate(matrix):
        row: list[float] = []
        for column in range(place):
            above = rows[column]
            row.append((given[column] - sum(map(mul, row, above))) / above[column])
        rest = given[place] - sum(map(mul, row, row))
        if not rest > _LEAST * given[place]:
            raise NotPositive
        row.append(math.sqrt(rest))
        rows.append(row)
    return rows


def solved(factor: Rows, right: Sequence[float]) -> list[float]:
    """The vector that the factored matrix takes to `right`."""
    found: list[float] = []
    for row, value in zip(factor, right, strict=True):
        found.append((value - sum(map(mul, row, found))) / row[-1])
    for place in range(len(found) - 1, -1, -1):
        row = factor[place]
        value = found[place] = found[place] / row[-1]
        found[:place] = [each - part * value for each, part in zip(found[:place], row, strict=False)]
    return found


def inverted(factor: Rows) -> Rows:
    """The inverse of the factored matrix, whole."""
    size = len(factor)
    columns: Rows = []  # of the factor's own inverse, each from the diagonal on
    for place in range(size):
        column = [1 / factor[place][place]]
        for row in factor[place + 1 :]:
            column.append(-sum(map(mul, row[place:], column)) / row[-1])
        columns.append(column)
    found = [[0.0] * size for _ in range(size)]
    for one, column in enumerate(columns):
        for other in range(one + 1):
            found[one][other] = found[other][one] = sum(map(mul, column, columns[other][one - other :]))
    return found
