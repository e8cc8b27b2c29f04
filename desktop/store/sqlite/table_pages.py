"""Parses B-tree pages of a database: rows and references to other pages.

See https://www.sqlite.org/fileformat2.html#b_tree_pages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PAGE = 4096
"""Page size of our databases in bytes."""

_BRANCH, _LEAF, _KEYED_BRANCH, _KEYED_LEAF = 5, 13, 2, 10

EMPTY = struct.pack(">BHHHB", _LEAF, 0, 0, PAGE, 0).ljust(PAGE, b"\0")
"""A table page without rows."""

_LONGEST = 9
"""Maximum length of a variable-length integer in bytes."""


class Record(NamedTuple):
    """Beginning of a row: the serial types, and the part of the data stored in its page."""

    serials: tuple[int, ...]
    body: bytes


class TablePage(NamedTuple):
    """A B-tree page of a table or an index."""

    kind: int
    cells: tuple[int, ...]
    children: tuple[int, ...]
    span: tuple[int, int] | None
    """ROWIDs of the first and last row."""

    @property
    def is_leaf(self) -> bool:
        """Whether the page is a leaf, which contains rows."""
        return self.kind in {_LEAF, _KEYED_LEAF}

    @property
    def is_keyed(self) -> bool:
        """Whether the page belongs to an index or a WITHOUT ROWID table."""
        return self.kind in {_KEYED_LEAF, _KEYED_BRANCH}

    def records(self, data: bytes) -> Iterator[Record]:
        """Yield the rows of the page that can be parsed."""
        for at in self.cells:
            _, begin = _number(data, at)
            if self.kind == _LEAF:
                _, begin = _number(data, begin)
            size, position = _number(data, begin)
            serials: list[int] = []
            end = begin + size
            while position < end <= PAGE:
                serial, position = _number(data, position)
                serials.append(serial)
            if position == end:
                yield Record(tuple(serials), data[end:])


def page_of(data: bytes, start: int = 0) -> TablePage | None:
    """Parse a page whose header begins at `start`; return None if it is not a B-tree page."""
    kind = data[start] if len(data) == PAGE else 0
    if kind not in {_BRANCH, _LEAF, _KEYED_BRANCH, _KEYED_LEAF}:
        return None
    is_branch = kind in {_BRANCH, _KEYED_BRANCH}
    (count,) = struct.unpack_from(">H", data, start + 3)
    begin = start + (12 if is_branch else 8)
    if begin + 2 * count > PAGE:
        return None
    cells = struct.unpack_from(f">{count}H", data, begin)
    if any(not begin + 2 * count <= at <= PAGE - 4 for at in cells):
        return None
    children: tuple[int, ...] = ()
    if is_branch:
        (last,) = struct.unpack_from(">I", data, start + 8)
        children = (*(struct.unpack_from(">I", data, at)[0] for at in cells), last)
    span = (_row_number(data, cells[0]), _row_number(data, cells[-1])) if kind == _LEAF and cells else None
    return TablePage(kind, cells, children, span)


def branch(children: Sequence[tuple[int, int]]) -> bytes:
    """Return an interior page for children and their highest ROWIDs, in order."""
    page = bytearray(PAGE)
    at = PAGE
    for place, (number, last) in enumerate(children[:-1]):
        cell = struct.pack(">I", number) + _told(last)
        at -= len(cell)
        page[at : at + len(cell)] = cell
        struct.pack_into(">H", page, 12 + 2 * place, at)
    struct.pack_into(">BHHHBI", page, 0, _BRANCH, 0, len(children) - 1, at, 0, children[-1][0])
    return bytes(page)


def _row_number(data: bytes, at: int) -> int:
    _, at = _number(data, at)
    number, _ = _number(data, at)
    return number - (1 << 64) if number >> 63 else number


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Decode a variable-length integer. Return it and the offset of its end."""
    value = 0
    for offset in range(at, min(at + _LONGEST, len(data))):
        byte = data[offset]
        if offset == at + _LONGEST - 1:
            return value << 8 | byte, offset + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + 1
    return value, len(data)


def _told(number: int) -> bytes:
    """Encode a ROWID as a variable-length integer."""
    number &= (1 << 64) - 1
    if number >> 56:
        return bytes(0x80 | number >> shift & 0x7F for shift in range(57, 7, -7)) + bytes([number & 0xFF])
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.insert(0, 0x80 | number & 0x7F)
    return bytes(parts)
