"""A fixed piece of work in pure Python, measured beside what is measured: figures of CPU hold as ratios to it.

Machines differ by half, and one machine by as much from minute to minute; both take the same time for the same work.
"""

from __future__ import annotations

import time

_ROUNDS = 400
_WORDS = [f"word {number}" for number in range(16)]


class Reference:
    """Takes the time of the work now and then, while something else is measured on the same thread."""

    def __init__(self) -> None:
        self._times: list[float] = []

    @property
    def spent_s(self) -> float:
        """Seconds of CPU that were spent on the work: to be taken off what was measured."""
        return sum(self._times)

    @property
    def work_ms(self) -> float:
        """Milliseconds of CPU of one piece of work, in the mean."""
        return self.spent_s / max(len(self._times), 1) * 1000

    def take(self) -> None:
        """Do the work once."""
        begun = time.thread_time()
        counts: dict[str, int] = {}
        for number in range(_ROUNDS):
            word = _WORDS[number & 15]
            counts[word] = counts.get(word, 0) + len(word.split()) * number % 7
        self._times.append(time.thread_time() - begun)
