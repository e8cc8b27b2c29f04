"""How many made-up examples a property is tried with, and how many of cases that are alike."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import Any

import pytest

PERCENT = int(os.environ.get("PARAGONE_TEST_EXAMPLES", "20"))
"""So much of what a long run has (docs/assurance.md)."""


def examples(most: int) -> int:
    """The share of `most` that this run of the tests takes."""
    return max(1, most * PERCENT // 100)


def alike(first: int, values: Iterable[object]) -> list[Any]:
    """Parameters of one test that hold much the same: all but the `first` are tried in `make test-long` alone."""
    every = iter(values)
    return [*islice(every, first), *(pytest.param(each, marks=pytest.mark.long) for each in every)]
