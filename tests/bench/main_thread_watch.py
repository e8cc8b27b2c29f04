"""How busy the main thread is, measured from outside its event loop: by its CPU clock, and by how soon it answers."""

from __future__ import annotations

import asyncio
import math
import re
import threading
import time
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

FRAME_S = 1 / 60
_PAUSE_S = 0.001
_ASK_S = 0.01
"""How often the loop is asked for an answer: each costs it some 20 µs."""

_BUSY = 0.75
"""The share of the time between two looks that the thread computes where it did not wait in between."""

_PREEMPTED = 0.2
"""The share where the system took the processor away meanwhile: the stretch of work goes on behind that."""

_SWITCHES = re.compile(rb"\nnonvoluntary_ctxt_switches:\t(\d+)")


class _Look(NamedTuple):
    at: float
    cpu: float
    taken_away: int


class MainThreadWatch:
    """A thread that looks at the main thread's CPU clock each millisecond, as far as it gets Python's lock.

    While the main thread keeps the lock the looks come later, but its clock tells how long it computed. A wait within
    a callback (for a file, a lock) is no work; `answers` has it: how long the loop took to answer, in milliseconds.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Made on the main thread."""
        self._loop = loop
        self._clock = time.pthread_getcpuclockid(threading.main_thread().ident or 0)
        self._status = Path(f"/proc/self/task/{threading.main_thread().native_id}/status")
        self._looks = [self._look()]
        self._asked_at: float | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        self.answers: list[tuple[float, float]] = []
        """When each answer came, and how long it took."""

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def frames(self, start: float, end: float) -> list[float]:
        """Busy milliseconds in each frame of a time, by perf_counter's clock."""
        count = math.ceil((end - start) / FRAME_S)
        spent = [self._spent(min(start + number * FRAME_S, end)) for number in range(count + 1)]
        return [(after - before) * 1000 for before, after in pairwise(spent)]

    def longest(self, start: float, end: float) -> float:
        """The longest stretch of work without a wait, in milliseconds."""
        longest = stretch = 0.0
        for one, other in pairwise(self._looks):
            if other.at < start or one.at > end:
                continue
            worked, passed = other.cpu - one.cpu, max(other.at - one.at, 1e-9)
            stretch += worked
            longest = max(longest, stretch)
            share = worked / passed
            if share < (_PREEMPTED if other.taken_away > one.taken_away else _BUSY):
                stretch = worked  # it may have begun in this interval
        return longest * 1000

    def slowest_answer(self, start: float, end: float) -> float:
        """The longest that the loop took to answer, in milliseconds."""
        return max((took * 1000 for at, took in self.answers if start <= at <= end), default=0.0)

    def _spent(self, at: float) -> float:
        """The CPU clock at a time, between two looks in proportion."""
        after = min(max(bisect_right(self._looks, at, key=lambda look: look.at), 1), len(self._looks) - 1)
        one, other = self._looks[after - 1], self._looks[after]
        share = min(max((at - one.at) / max(other.at - one.at, 1e-9), 0.0), 1.0)
        return one.cpu + (other.cpu - one.cpu) * share

    def _watch(self) -> None:
        last_asked = 0.0
        while not self._ended.wait(_PAUSE_S):
            self._looks.append(self._look())
            now = time.perf_counter()
            if self._asked_at is None and now - last_asked > _ASK_S:
                self._asked_at = last_asked = now
                self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        now = time.perf_counter()
        if self._asked_at is not None:
            self.answers.append((now, now - self._asked_at))
        self._asked_at = None

    def _look(self) -> _Look:
        found = _SWITCHES.search(self._status.read_bytes())
        return _Look(time.perf_counter(), time.clock_gettime(self._clock), int(found[1]) if found else 0)
