"""Parses times as pages show them to people, in the formats that exporters use. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from desktop.transfer.archives.loose_json import when

_LONGEST = 120
_CLOCK = re.compile(
    r"(?<![0-9:])([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,][0-9]{1,9})?\s?([AaPp]\.?[Mm]\.?)?(?![0-9:])"
)
_YEAR_FIRST = re.compile(r"(?<![0-9])([0-9]{4})[-/.年]\s?([0-9]{1,2})[-/.月]\s?([0-9]{1,2})(?![0-9])")
_DOTTED = re.compile(r"(?<![0-9.])([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})(?![0-9])")
_SLASHED = re.compile(r"(?<![0-9/])([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?![0-9])")
_MONTH_FIRST = re.compile(
    r"([^\W\d_]{3,12})\.?\s([0-9]{1,2})(?:,|\s[0-9:.]{4,12}(?:\s[A-Z]{3,5})?)?\s([0-9]{4})(?![0-9])"
)
_DAY_FIRST = re.compile(r"(?<![0-9])([0-9]{1,2})\.?\s(?:de\s)?([^\W\d_]{3,12})\.?\s(?:de\s)?([0-9]{4})(?![0-9])")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+\-−])([0-9]{1,2}):?([0-9]{2})?\s*\Z")
_ZONE = re.compile(r"\s([A-Z]{2,5})\s*\Z")
_ZONES: dict[str, float] = {
    **dict.fromkeys(("UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("BST", "CET", "MEZ"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **dict.fromkeys(("JST", "KST"), 9),
    **dict.fromkeys(("CDT", "EST"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    "IST": 5.5,
    "BRT": -3,
    "EDT": -4,
    "PST": -8,
    "AEST": 10,
    "AEDT": 11,
}
"""Hours ahead of UTC by time zone; other zones, and times without a zone, count as UTC."""

_MONTHS = (
    ("jan", "ene", "gen", "янв"),
    ("feb", "fév", "fev", "фев"),
    ("mar", "mär", "mrt", "мар"),
    ("apr", "abr", "avr", "апр"),
    ("may", "mai", "mag", "mei", "мая", "май"),
    ("jun", "juin", "giu", "июн"),
    ("jul", "juil", "lug", "июл"),
    ("aug", "ago", "aoû", "авг"),
    ("sep", "set", "сен"),
    ("oct", "okt", "out", "ott", "окт"),
    ("nov", "ноя"),
    ("dec", "dez", "dic", "déc", "дек"),
)


def written_time(words: str, *, day_first: bool | None = None) -> datetime | None:
    """Parse a time; return None if there is none, or if day and month are ambiguous.

    `day_first` is whether the day comes first in dates such as 3/4/2025, None if unknown. The English “3/4/2025 at 5:00
    PM” is unambiguous.
    """
    words = " ".join(words[:_LONGEST].split())
    day_first = False if day_first is None and " at " in words else day_first
    if (exact := when(words)) is not None:
        return exact
    date = _date(words, day_first=day_first)
    if date is None:
        return None
    clock = _CLOCK.search(words)
    hour, minute, second = (int(clock[place] or 0) for place in (1, 2, 3)) if clock is not None else (0, 0, 0)
    half = (clock[4] or "").casefold()[:1] if clock is not None else ""
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    try:
        return when(datetime(*date, hour, minute, second, tzinfo=_zone(words)).isoformat())
    except (ValueError, OverflowError):
        return None


def days_first(words: Iterable[str]) -> bool | None:
    """Return whether dates with slashes begin with the day; None if no text shows it, or texts disagree."""
    found = [match for each in words if (match := _SLASHED.search(each[:_LONGEST])) is not None]
    days, months = any(int(each[1]) > 12 for each in found), any(int(each[2]) > 12 for each in found)
    return days if days != months else None


def _date(words: str, *, day_first: bool | None) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.search(words):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DOTTED.search(words):
        return int(match[3]), int(match[2]), int(match[1])
    if (match := _SLASHED.search(words)) and day_first is not None:
        day, month = (1, 2) if day_first else (2, 1)
        return int(match[3]), int(match[month]), int(match[day])
    if (match := _MONTH_FIRST.search(words)) and (month := _month(match[1])):
        return int(match[3]), month, int(match[2])
    if (match := _DAY_FIRST.search(words)) and (month := _month(match[2])):
        return int(match[3]), month, int(match[1])
    return None


def _month(name: str) -> int:
    folded = name.casefold()
    return next((number for number, names in enumerate(_MONTHS, 1) if folded.startswith(names)), 0)


def _zone(words: str) -> timezone:
    if offset := _OFFSET.search(words):
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(ahead if offset[1] == "+" else -ahead) if ahead < timedelta(days=1) else UTC
    named = _ZONE.search(words)
    return timezone(timedelta(hours=_ZONES.get(named[1], 0))) if named is not None else UTC
