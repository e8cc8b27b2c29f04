"""Markdown helpers for importers: links, numbered sources, tables and ranges of code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from desktop.transfer.archives.loose_json import as_json

_OPENING = re.compile(r"[ \t>]{0,40}(?:(?:[-*+]|[0-9]{1,9}[.)])[ ]{1,4})?(`{3,}|~{3,})")


_SIGN = re.compile("`|~~~")


_RUN = re.compile(r"(?<!\\)`+")


_TIMES = 16


class CodeRanges:
    """Ranges of code in a text: fenced blocks, and spans including their backticks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ranges = sorted(_ranges(text)) if "`" in text or "~~~" in text else []

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def behind(self, at: int) -> int:
        """Return the end of the code at a position, or of the fence just before it; otherwise the position itself."""
        place = bisect_right(self._ranges, (at - 1, len(self._text))) - 1
        start, end = self._ranges[place] if place >= 0 else (at, at)
        is_within = start < at < end or (at == end and _OPENING.match(self._text, start))
        return end if is_within else at

    def holds(self, at: int) -> bool:
        """Whether a position is within code."""
        place = bisect_right(self._ranges, (at, at)) - 1
        return place >= 0 and at < self._ranges[place][1]


class CodeFinder:
    """Finds code in a text from which parts are cut out one after another; after each part the search restarts.

    A part may contain an unclosed fence. The number of searches is limited, so that the time remains linear.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._from = self._sign = self._begun = 0
        self._ranges: CodeRanges | None = None
        self._left = _TIMES * len(text)

    def restart(self, at: int) -> None:
        """Assume that a position is outside code, and search for code from there."""
        self._from = at
        if self._left > 0:
            self._ranges = None

    def holds(self, at: int) -> bool:
        """Whether a position after that of the last restart is within code."""
        if self._ranges is None:
            if self._sign <= self._from:
                found = _SIGN.search(self._text, self._from)
                self._sign = found.start() if found else len(self._text)
            if self._sign > at:
                return False
            self._begun = self._from
            self._ranges = CodeRanges(self._text[self._begun :])
            self._left -= len(self._text) - self._begun
        return self._ranges.holds(at - self._begun)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    at, begun, fence = 0, 0, ""
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        if fence:
            closing = line.strip(" \t>\r\n")
            if closing.startswith(fence) and not closing.strip(fence[0]):
                yield begun, end
                begun, fence = end, ""
        elif found := _OPENING.match(line):
            yield from _spans(text, begun, at)
            begun, fence = at, found[1]
        elif not line.strip():
            yield from _spans(text, begun, at)
            begun = end
        at = end
    if fence:
        yield begun, at
    else:
        yield from _spans(text, begun, at)


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the code spans: each run of backticks, up to the next run of the same length."""
    runs = list(_RUN.finditer(text, start, end))
    following: dict[int, list[int]] = defaultdict(list)
    for run in reversed(runs):
        following[len(run[0])].append(run.start())
    done = start
    for run in runs:
        same = following[len(run[0])]
        same.pop()
        if run.start() >= done and same:
            done = same[-1] + len(run[0])
            yield run.start(), done


_LABEL = str.maketrans({each: f"\\{each}" for each in "\\[]`*_<"})


_PERCENT = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20", "\\": "%5C"})


def link_target(address: str) -> str:
    """Return an address encoded as the target of a Markdown link."""
    return "".join(each for each in address if each.isprintable()).translate(_PERCENT)


def titled_link(title: str, address: str) -> str:
    """Return a Markdown link with a title, or only the title if the address is not a web address."""
    label = " ".join(title.split()).translate(_LABEL)
    return f"[{label}]({link_target(address)})" if label and address.startswith(("http://", "https://")) else label


_MOST_CELLS, WIDEST_TABLE = 20_000, 400
"""Maximum rows and columns of a table, because the padding, and columns for all keys of all rows, grow quadratically.
"""


def table_row(cells: Sequence[str]) -> str:
    """Return a row of a Markdown table."""
    whole = (" ".join(each.replace("\\|", "|").split()).replace("|", "\\|") for each in cells)
    return f"| {' | '.join(whole)} |"


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table, the first one as its header. Excess rows and columns are omitted."""
    first = [[*each][:WIDEST_TABLE] for each in islice(rows, _MOST_CELLS)]
    wide = max(map(len, first), default=0)
    if not wide:
        return ""
    kept = first[: max(_MOST_CELLS // wide, 1)]
    even = [[*each, *[""] * (wide - len(each))] for each in kept]
    cut = [table_row(["…"] * wide)] if len(kept) < len(first) else []
    return "\n".join([table_row(even[0]), table_row(["---"] * wide), *map(table_row, even[1:]), *cut])


def figure_text(value: object) -> str:
    """Return a number as shown to people, or any other value as JSON."""
    return as_json(int(value) if isinstance(value, float) and value.is_integer() else value)


_LONGEST_ADDRESS = 4_096
"""Maximum characters of an address, because it is repeated for every citation."""


class Numbers:
    """Assigns numbers to the addresses in one response, from 1."""

    def __init__(self) -> None:
        self._by_address: dict[str, int] = {}

    def link(self, address: str) -> str:
        """Return a numbered Markdown link; empty if the address is not a web address."""
        if not address.startswith(("http://", "https://")) or len(address) > _LONGEST_ADDRESS:
            return ""
        number = self._by_address.setdefault(address, len(self._by_address) + 1)
        return f"[[{number}]]({link_target(address)})"
