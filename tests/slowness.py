"""How much slower this machine is now than one on which a bound in seconds was set."""

from __future__ import annotations

import time

_USUAL_S = 0.07
"""What the loop below takes on a usual machine."""


def slowness() -> float:
    """1 on a usual machine or a faster one, 3 on one that takes three times as long; measured anew each time."""
    begin, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number * number
    return max(1.0, (time.process_time() - begin) / _USUAL_S)
