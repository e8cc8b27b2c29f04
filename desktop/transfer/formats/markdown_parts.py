"""Parts of Markdown that importers write and look for: links, numbered sources, tables and ranges of code."""

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
    """The ranges of code in a text, fences with their lines, spans with their backticks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ranges = sorted(_ranges(text)) if "`" in text or "~~~" in text else []

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def behind(self, at: int) -> int:
        """The end of the code that a place is within, or of the fence right before it; else the place itself."""
        place = bisect_right(self._ranges, (at - 1, len(self._text))) - 1
        start, end = self._ranges[place] if place >= 0 else (at, at)
        is_within = start < at < end or (at == end and _OPENING.match(self._text, start))
        return end if is_within else at

    def holds(self, at: int) -> bool:
        """Whether a place is within code."""
        place = bisect_right(self._ranges, (at, at)) - 1
        return place >= 0 and at < self._ranges[place][1]


class CodeFinder:
    """Code in a text out of which parts are taken one after another: behind each of them it is looked for anew.

    A part may hold marks of code that its text leaves open. So often it is looked for as takes time in proportion.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._from = self._sign = self._begun = 0
        self._ranges: CodeRanges | None = None
        self._left = _TIMES * len(text)

    def restart(self, at: int) -> None:
        """What follows begins outside of all code."""
        self._from = at
        if self._left > 0:
            self._ranges = None

    def holds(self, at: int) -> bool:
        """Whether a place behind the last restart is within code."""
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
    """Runs of backticks, each with the next one of its length."""
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
    """An address as the target of a link in Markdown."""
    return "".join(each for each in address if each.isprintable()).translate(_PERCENT)


def titled_link(title: str, address: str) -> str:
    """A link with a title as Markdown; the title alone where the address is none of the web."""
    label = " ".join(title.split()).translate(_LABEL)
    return f"[{label}]({link_target(address)})" if label and address.startswith(("http://", "https://")) else label


_MOST_CELLS, WIDEST_TABLE = 20_000, 400
"""Cells of a table and columns: what is padded, or made of all keys of all rows, grows with the square of a file."""


def table_row(cells: Sequence[str]) -> str:
    """A row of a table in Markdown."""
    whole = (" ".join(each.replace("\\|", "|").split()).replace("|", "\\|") for each in cells)
    return f"| {' | '.join(whole)} |"


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells, of which the first is the head, as a table in Markdown; what is beyond all measure is left out."""
    first = [[*each][:WIDEST_TABLE] for each in islice(rows, _MOST_CELLS)]
    wide = max(map(len, first), default=0)
    if not wide:
        return ""
    kept = first[: max(_MOST_CELLS // wide, 1)]
    even = [[*each, *[""] * (wide - len(each))] for each in kept]
    cut = [table_row(["…"] * wide)] if len(kept) < len(first) else []
    return "\n".join([table_row(even[0]), table_row(["---"] * wide), *map(table_row, even[1:]), *cut])


def figure_text(value: object) -> str:
    """A number as it is read, or any other value as JSON."""
    return as_json(int(value) if isinstance(value, float) and value.is_integer() else value)


_LONGEST_ADDRESS = 4_096
"""Characters of an address that stands behind each mark that cites it."""


class Numbers:
    """Numbers of addresses in one answer, from 1, each address with one."""

    def __init__(self) -> None:
        self._by_address: dict[str, int] = {}

    def link(self, address: str) -> str:
        """A numbered link as Markdown; nothing for what is no web address."""
        if not address.startswith(("http://", "https://")) or len(address) > _LONGEST_ADDRESS:
            return ""
        number = self._by_address.setdefault(address, len(self._by_address) + 1)
        return f"[[{number}]]({link_target(address)})"
