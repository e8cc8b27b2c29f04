"""Words sought in a conversation: where they stand in what was written, and where in what is shown; pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from html import unescape

from msgspec import Struct

from ui.transcript.find_words import FindWords
from ui.transcript.list.selection import TextPlace
from ui.transcript.message.row import LONGEST_PLAIN, Row

MOST = 10_000
"""Hits that are counted; beyond, the count says “more”."""

_NOTE = re.compile(r"\[(\d{1,6})\]")
_UNMARKED = str.maketrans("", "", "*_~`\\")
"""Takes the signs away that may stand within a word."""


class Hit(Struct, frozen=True):
    """A row, and where in its text the words begin."""

    row: int
    start: int
    nth: int = -1
    """Which of the hits in what its block shows it is; -1 where only those in what was written were counted."""


class ShownText(Struct, frozen=True):
    """Where a hit stands on the screen: its first place and the position behind its last."""

    place: TextPlace
    end: int


def hits(rows: Sequence[Row], sought: FindWords) -> list[Hit]:
    """Where the words stand, from top to bottom, MOST at most."""
    found: list[Hit] = []
    for hit in _hits(rows, sought):
        found.append(hit)
        if len(found) >= MOST:
            break
    return found


def _hits(rows: Sequence[Row], sought: FindWords) -> Iterator[Hit]:
    for number, row in enumerate(rows):
        starts = [found.start() for found in sought.places(row.text)]
        if _may_show_more(row, sought, len(starts)):
            yield from _block_hits(number, row, sought, starts)
        else:
            yield from (Hit(number, start) for start in starts)


def _may_show_more(row: Row, sought: FindWords, written: int) -> bool:
    """Whether more may be found in what a row shows than in what was written; cheap, since nothing is parsed."""
    if not sought.is_loose or row.is_prompt or row.live or row.as_written or len(row.text) > LONGEST_PLAIN:
        return False
    if "[^" in row.text and sought.has_digits:
        return True  # numbers of notes are shown and not written
    bare = unescape(row.text).translate(_UNMARKED)
    return sum(1 for _ in sought.loose_places(bare)) > written


def _block_hits(number: int, row: Row, sought: FindWords, starts: Sequence[int]) -> Iterator[Hit]:
    """The hits of each block in what it shows; where that has fewer, as many as in what was written."""
    from desktop.markdown.text import plain_text

    at = 0
    for block in row.parse(row.text.replace("\r\n", "\n").replace("\r", "\n")):
        end = at + len(block.source)
        written = starts[bisect_left(starts, at) : bisect_left(starts, end)]
        told = 0 if block.is_hidden else sum(1 for _ in sought.places(_as_shown(plain_text(block), block.source)))
        for nth in range(max(told, len(written))):
            yield Hit(number, written[nth] if nth < len(written) else at, min(nth, told - 1))
        at = end


def _as_shown(plain: str, written: str) -> str:
    """A block's text with the numbers of its notes as they are shown, without brackets."""
    return _NOTE.sub(r"\1", plain) if "[^" in written else plain


def shown(row: Row, hit: Hit, sought: FindWords) -> ShownText | None:
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
                before = hit.nth
                if before < 0:
                    before = sum(1 for _ in sought.places(segment.source[: hit.start - start]))
                found = [match.span() for match in sought.places(segment.text)]
                first, last = found[min(before, len(found) - 1)] if found else (0, 0)
                return ShownText(TextPlace(hit.row, number, place, first), last)
            start = end
    return None
