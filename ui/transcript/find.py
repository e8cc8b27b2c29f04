"""Words sought in a conversation: where they stand in what was written, and where in what is shown; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ui.transcript.list.selection import TextPlace
from ui.transcript.message.row import Row

MOST = 10_000
"""Hits that are counted; beyond, the count says “more”."""


class Hit(Struct, frozen=True):
    """A row, and where in its text the words begin."""

    row: int
    start: int


class ShownText(Struct, frozen=True):
    """Where a hit stands on the screen: its first place and the position behind its last."""

    place: TextPlace
    end: int


def pattern(words: str) -> re.Pattern[str] | None:
    """What finds words whatever their case, any blanks between them; None where there are none."""
    parts = words.split()
    return re.compile(r"\s+".join(map(re.escape, parts)), re.IGNORECASE) if parts else None


def hits(rows: Sequence[Row], sought: re.Pattern[str]) -> list[Hit]:
    """Where the words stand, from top to bottom, MOST at most."""
    found: list[Hit] = []
    for hit in _hits(rows, sought):
        found.append(hit)
        if len(found) >= MOST:
            break
    return found


def _hits(rows: Sequence[Row], sought: re.Pattern[str]) -> Iterator[Hit]:
    for number, row in enumerate(rows):
        for found in sought.finditer(row.text):
            yield Hit(number, found.start())


def shown(row: Row, hit: Hit, sought: re.Pattern[str]) -> ShownText | None:
    """Where a hit is shown; None where its row shows no such text. Lays out what it stands in.

    What is written and what is shown differ by Markdown's signs: within a block, hits are told apart by counting.
    """
    for number, slab in enumerate(row.slabs):
        start = slab.start
        if start is None or not start <= hit.start < start + slab.length:
            continue  # only what holds the hit is laid out
        for place, segment in enumerate(slab.segments):
            end = start + len(segment.source)
            if start <= hit.start < end:
                before = sum(1 for _ in sought.finditer(segment.source[: hit.start - start]))
                found = [match.span() for match in sought.finditer(segment.text)]
                first, last = found[min(before, len(found) - 1)] if found else (0, 0)
                return ShownText(TextPlace(hit.row, number, place, first), last)
            start = end
    return None
