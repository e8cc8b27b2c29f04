"""Bounds on CPU time: what grows too fast is told, and what the collector of garbage does is not."""

from __future__ import annotations

import gc

import pytest

from tests.cpu_time import assert_growth, within


def linear(size: int) -> int:
    return sum(range(size))


def square(size: int) -> int:
    return sum(linear(size) for _ in range(size))


def test_work_that_grows_with_its_size_may_and_with_the_square_may_not() -> None:
    assert_growth(linear, 10_000, 40_000, at_most=8)
    with pytest.raises(AssertionError, match=r"800 take \d+\.\d times as long as 200"):
        assert_growth(square, 200, 800, at_most=8)


def test_of_several_tries_one_is_enough() -> None:
    sizes = iter([2_000_000, 2_000_000, 1])
    for attempt in within(0.001):
        with attempt:
            linear(next(sizes))
    assert [*sizes] == []


def test_work_that_takes_too_long_each_time_is_told() -> None:
    with pytest.raises(AssertionError, match=r"at best, and not 1e-05 s"):  # noqa: PT012 - the loop raises
        for attempt in within(1e-5):
            with attempt:
                linear(1_000_000)


def test_nothing_is_collected_meanwhile() -> None:
    for attempt in within(10):
        with attempt:
            assert not gc.isenabled()
    assert_growth(lambda _: gc.isenabled() and pytest.fail("collects"), 1, 2, at_most=1_000)
