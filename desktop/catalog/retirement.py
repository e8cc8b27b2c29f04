"""Retirement of models in words, from their server's list or from the catalog. Pure functions."""

from __future__ import annotations

from datetime import date

from desktop.catalog.catalog_entry import Entry
from desktop.text.phrases import NOTHING, Phrase, counted, phrase

SOON_DAYS = 90
"""Days before a retirement from which the number of days is given, and doctor warns."""


def days_left(entry: Entry, today: date) -> int | None:
    """Return the days until a planned retirement; None if none is planned, or it has passed."""
    if entry.retires_on is None or entry.is_retired(today):
        return None
    return (entry.retires_on - today).days


def retirement(entry: Entry, today: date) -> Phrase:
    """Describe a past retirement, or one within the next 90 days, and who reports it; else return an empty phrase."""
    source = (
        phrase("reported by the server")
        if entry.is_dated_by_server
        else phrase("according to the model catalog of {day}", day=entry.as_of or "")
    )
    if entry.is_retired(today):
        day = entry.retired_on or entry.retires_on
        if day is None:
            return phrase("retired, {source}", source=source)
        return phrase("retired on {day}, {source}", day=day, source=source)
    left = days_left(entry, today)
    if left is None or left > SOON_DAYS:
        return NOTHING
    return counted(
        "retires in {n} day, on {day}, {source}",
        "retires in {n} days, on {day}, {source}",
        left,
        day=entry.retires_on,
        source=source,
    )
