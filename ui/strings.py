"""What is said in the window: dates, counts and errors in words."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from desktop.errors import ParagoneError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOW = timedelta(minutes=1)
_WEEK = timedelta(days=6)
_SIZE = re.compile(r"\s+\d+(?:\.\d+)?[MB]$")


def when(at: datetime, now: datetime) -> str:
    """A time as lists show it, in the zone of `now`: “now”, “10:12”, “Mon”, “3 Nov”, “3 Nov 2025”."""
    at = at.astimezone(now.tzinfo)
    if abs(now - at) < _NOW:
        return "now"
    days = now.date() - at.date()
    if not days:
        return f"{at:%H:%M}"
    if timedelta(0) < days <= _WEEK:
        return _DAYS[at.weekday()]
    date = f"{at.day} {_MONTHS[at.month - 1]}"
    return date if at.year == now.year else f"{date} {at.year}"


def day(at: date) -> str:
    """A day as it is read: “1 May 2026”."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: “1 connection”, “3 connections”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short_name(name: str) -> str:
    """A model's name without the size at its end, as one speaks to it."""
    return _SIZE.sub("", name)


def sentence(error: ParagoneError) -> str:
    """An error as one line: what happened, then what to do. May hold text from servers: show it as plain text."""
    return f"{error.message} {error.hint}".strip()
