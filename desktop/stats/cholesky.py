"""Cholesky factorization of small symmetric matrices in plain Python. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

Rows = list[list[float]]
"""Matrix by rows. The rows of a lower triangle end at the diagonal."""

_LEAST = 1e-13
"""Ratio of a pivot to its diagonal element below which a matrix counts as singular."""


class NotPositive(ArithmeticError):
    """Raised if a matrix is not positive definite."""


def factored(matrix: Sequence[Sequence[float]]) -> Rows:
    """Return the lower Cholesky factor of a matrix. Only the lower half of the matrix is read.

    Raises:
        NotPositive: If the matrix is not positive definite.
    """
    rows: Rows = []
    for index, source in enumerate(matrix):
        row: list[float] = []
        for column in range(index):
            above = rows[column]
            row.append((source[column] - sum(map(mul, row, above))) / above[column])
        rest = source[index] - sum(map(mul, row, row))
        if not rest > _LEAST * source[index]:
            raise NotPositive
        row.append(math.sqrt(rest))
        rows.append(row)
    return rows


def solved(factor: Rows, right: Sequence[float]) -> list[float]:
    """Solve the factored system for the right-hand side."""
    solution: list[float] = []
    for row, value in zip(factor, right, strict=True):
        solution.append((value - sum(map(mul, row, solution))) / row[-1])
    for index in range(len(solution) - 1, -1, -1):
        row = factor[index]
        value = solution[index] = solution[index] / row[-1]
        solution[:index] = [each - part * value for each, part in zip(solution[:index], row, strict=False)]
    return solution


def inverted(factor: Rows) -> Rows:
    """Return the full inverse of the matrix with this factor."""
    size = len(factor)
    columns: Rows = []  # of the inverse factor, each starting at the diagonal
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
