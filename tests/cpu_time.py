"""Bounds on the CPU time of some work, told apart from what else the machine and Python's collector of garbage do."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Generator, Iterator

from tests.slowness import slowness

_TRIES = 20
"""How often something is tried before it is said to take too long: noise only ever adds to what it takes."""

_LEAST_S = 0.004
"""What is quicker is done again until it has taken this long: clocks and caches tell too much in less."""


def within(limit_s: float) -> Iterator[contextlib.AbstractContextManager[None]]:
    """Tries of some work, until one takes at most so many CPU seconds of the process (of a usual machine).

    To be used as ``for attempt in within(0.5): with attempt: work()``. An AssertionError says where none of them does.
    """
    taken: list[float] = []

    @contextlib.contextmanager
    def attempt() -> Generator[None]:
        with _no_collection():
            begun = time.process_time()
            yield
            taken.append(time.process_time() - begun)

    for _ in range(_TRIES):
        yield attempt()
        if taken[-1] <= limit_s or taken[-1] <= limit_s * slowness():
            return
    raise AssertionError(f"Must be {min(taken):.3f} s at best, and not {limit_s} s.")


def assert_growth(work: Callable[[int], object], few: int, many: int, *, at_most: float) -> None:
    """That ``work(many)`` takes at most so many times what ``work(few)`` does."""
    _seconds(work, few)  # what is made at the first time is in neither
    ratios: list[float] = []
    for _ in range(_TRIES):
        part = min(_seconds(work, few) for _ in range(3))
        ratios.append(_seconds(work, many, at_least_s=0) / part)
        if ratios[-1] <= at_most:
            return
    raise AssertionError(f"{many} take {min(ratios):.1f} times as long as {few} at best, and not {at_most}.")


def _seconds(work: Callable[[int], object], size: int, *, at_least_s: float = _LEAST_S) -> float:
    times = 0
    with _no_collection():
        begun = time.process_time()
        while True:
            work(size)
            times += 1
            if (taken := time.process_time() - begun) >= at_least_s:
                return max(taken / times, 1e-9)


@contextlib.contextmanager
def _no_collection() -> Generator[None]:
    """A collection takes as long as all that other tests have left is large."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
