"""Money, durations and rates as text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from desktop.text.phrases import Phrase, figure, phrase

Say = Callable[[Phrase], str]
"""Function that translates a phrase into the page's language."""

_TURNING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def in_a_line(text: str) -> str:
    """Return a title or name without line breaks and bidirectional control characters."""
    return " ".join(_TURNING.sub(" ", text).split())


def duration_text(ms: float) -> Phrase:
    """Return a duration in milliseconds as text, rounded to significant digits."""
    if ms < 10_000:
        return phrase("{ms} ms", ms=figure(ms))
    seconds = round(ms / 1000)
    if seconds < 100:
        return phrase("{s} s", s=figure(ms / 1000, 1))
    return phrase("{min} min {s} s", min=seconds // 60, s=seconds % 60)


def money(usd: float) -> Phrase:
    """Return an amount in US dollars as text, rounded to significant digits."""
    if not usd:
        return phrase("${amount}", amount=figure(0))
    if usd < 0.0000005:
        return phrase("<${amount}", amount=figure(0.000001, 6))
    places = min(6, 1 - math.floor(math.log10(usd))) if usd < 0.01 else 3 if usd < 1 else 2
    return phrase("${amount}", amount=figure(usd, places))


def speed_text(tokens_per_second: float) -> Phrase:
    """Return tokens per second as text without a unit."""
    return figure(tokens_per_second, 0 if tokens_per_second >= 10 else 1)
