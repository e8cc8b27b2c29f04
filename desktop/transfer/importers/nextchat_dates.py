"""Dates as a browser writes them in its user's language and zone, neither of which NextChat keeps.

It keeps in milliseconds when a chat was last spoken to: which number is the day, and how far the zone is off, are what
brings the last date nearest to that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_NUMBER = re.compile(r"\d++")
_LONGEST = 60
_ORDERS = ((0, 1, 2), (2, 1, 0), (2, 0, 1))
"""Where year, month and day stand among the first three numbers."""

_AFTERNOON = ("pm", "p.m", "下午", "晚上", "午後", "오후")
_MORNING = ("am", "a.m", "上午", "凌晨", "午前", "오전")
_STEP = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
_SLACK = timedelta(minutes=2)
"""No zone is off by what is no quarter of an hour, or by more than 14 hours."""


class LocalDates:
    """The dates of one chat's messages, in their order, and when it was last spoken to."""

    def __init__(self, written: Sequence[str], last: datetime | None) -> None:
        self._written = written
        self._order, self._offset = _told_by(next((each for each in reversed(written) if each), ""), last)

    def time(self, place: int) -> datetime | None:
        """The time of the message at a place; None where its date is none."""
        local = _read(self._written[place], self._order)
        return local - self._offset if local is not None else None


def _told_by(written: str, last: datetime | None) -> tuple[tuple[int, int, int], timedelta]:
    """The order of the numbers of a date that was written at a known time, and how far its zone is ahead."""
    readings = [(order, local) for order in _ORDERS if (local := _read(written, order)) is not None]
    for order, local in readings:
        if last is None:
            break
        offset = round((local - last) / _STEP) * _STEP
        if abs(offset) <= _FARTHEST and abs(local - last - offset) <= _SLACK:
            return order, offset
    american = _ORDERS[2] if "M" in written else _ORDERS[1]
    orders = [order for order, _ in readings]
    return american if american in orders else (orders or [american])[0], timedelta()


def _read(written: str, order: tuple[int, int, int]) -> datetime | None:
    """A date whose year, month and day stand in this order, as if it was of UTC."""
    short = written[:_LONGEST]
    numbers = [int(digits) for digits in _NUMBER.findall(short) if len(digits) <= 4]
    if not 5 <= len(numbers) <= 6:
        return None
    year, month, day = (numbers[place] for place in order)
    hour = numbers[3]
    lowered = short.casefold()
    if any(mark in lowered for mark in _AFTERNOON):
        hour = hour % 12 + 12
    elif any(mark in lowered for mark in _MORNING):
        hour %= 12
    try:
        return datetime(year, month, day, hour, *numbers[4:], tzinfo=UTC) if year > 1970 else None
    except ValueError:
        return None
