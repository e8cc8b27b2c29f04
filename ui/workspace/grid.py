"""Where panes lie: rectangles of a row, a column or a grid by parts of the room, and what dragging does; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from desktop.domain.comparison import Arrangement

NARROWEST, LOWEST = 320, 220
"""Pixels of the narrowest and the lowest pane that can still be read: four lie beside the sidebar in 1600."""

LINE = 1
"""Pixels between panes."""

EDGE = 48
"""Pixels along a pane's edge where what is dropped goes beside it."""


class Rect(Struct, frozen=True):
    """Pixels, within the area."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies within."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class Edge(Struct, frozen=True):
    """The line between two panes or two lines of panes, which can be dragged: `across` says that it stands upright.

    `first` is the place of the pane before it; of lines of panes it is the number of the line.
    """

    first: int
    rect: Rect
    across: bool
    of_lines: bool


def lines_of(count: int, arrangement: Arrangement, width: int) -> list[range]:
    """Which panes are in which line: a row and a column have one, a grid about as many as it has columns.

    Where so many columns have no room in the width, a grid has fewer and goes on below.
    """
    if arrangement is not Arrangement.GRID:
        return [range(count)]
    square = count if count < 3 else math.ceil(math.sqrt(count))
    columns = max(min(square, (width + LINE) // (NARROWEST + LINE)), 1)
    return [range(first, min(first + columns, count)) for first in range(0, count, columns)]


def least(count: int, arrangement: Arrangement, width: int, lowest: int = LOWEST) -> tuple[int, int]:
    """The least width and height in pixels that so many panes take; 0 where one is alone in its direction."""
    lines = lines_of(count, arrangement, width)
    longest = max(len(line) for line in lines)
    columns, rows = (1, longest) if arrangement is Arrangement.COLUMN else (longest, len(lines))
    return _smallest(columns, NARROWEST), _smallest(rows, lowest)


def rects(
    width: int,
    height: int,
    arrangement: Arrangement,
    shares: Sequence[float],
    heights: Sequence[float] = (),
    lowest: int = LOWEST,
) -> list[Rect]:
    """A rectangle for each share, in order. `heights` are the parts of a grid's lines, as long as it has so many."""
    lines = lines_of(len(shares), arrangement, width)
    found: list[Rect] = []
    tops = _divided(height, heights if len(heights) == len(lines) else [1.0] * len(lines), lowest)
    for line, (top, high) in zip(lines, tops, strict=True):
        own = [shares[place] for place in line]
        if arrangement is Arrangement.COLUMN:
            found += [Rect(0, at, width, size) for at, size in _divided(height, own, lowest)]
        else:
            found += [Rect(at, top, size, high) for at, size in _divided(width, own, NARROWEST)]
    return found


def edges(placed: Sequence[Rect], arrangement: Arrangement) -> list[Edge]:
    """What can be dragged between panes that lie so."""
    found: list[Edge] = []
    lines = lines_of(len(placed), arrangement, max(rect.x + rect.width for rect in placed))
    for line in lines:
        for place in line[:-1]:
            after = placed[place + 1]
            if arrangement is Arrangement.COLUMN:
                rect = Rect(after.x, after.y - LINE, after.width, LINE)
            else:
                rect = Rect(after.x - LINE, after.y, LINE, after.height)
            found.append(Edge(place, rect, across=arrangement is not Arrangement.COLUMN, of_lines=False))
    for number, line in enumerate(lines[1:]):
        below = placed[line[0]]
        right = placed[lines[0][-1]]
        rect = Rect(0, below.y - LINE, right.x + right.width, LINE)
        found.append(Edge(number, rect, across=False, of_lines=True))
    return found


def dragged(sizes: Sequence[int], first: int, by: int, smallest: int) -> list[float]:
    """The parts of a line after its edge behind `first` was dragged by pixels; no pane becomes too small."""
    one, two = sizes[first], sizes[first + 1]
    by = max(min(by, two - min(smallest, two)), min(smallest, one) - one)
    moved = [*sizes[:first], one + by, two - by, *sizes[first + 2 :]]
    total = sum(moved) or 1
    return [size * len(moved) / total for size in moved]


class Spot(Struct, frozen=True):
    """What is dropped goes onto the pane at a place, or `beside`: between it and the one before it."""

    place: int
    beside: bool
    rect: Rect


def spot(placed: Sequence[Rect], arrangement: Arrangement, x: int, y: int, *, beside_only: bool = False) -> Spot | None:
    """Where a point of the area leads: near an edge between panes, else onto the pane below it."""
    with_line = (Rect(rect.x, rect.y, rect.width + LINE, rect.height + LINE) for rect in placed)
    place = next((number for number, rect in enumerate(with_line) if rect.holds(x, y)), None)
    if place is None:
        return None
    rect = placed[place]
    down = arrangement is Arrangement.COLUMN
    at, size = (y - rect.y, rect.height) if down else (x - rect.x, rect.width)
    near = size // 2 if beside_only else min(EDGE, size // 4)
    if at < near:
        return Spot(place, beside=True, rect=_strip(rect, down=down, end=False))
    if at >= size - near:
        return Spot(place + 1, beside=True, rect=_strip(rect, down=down, end=True))
    return Spot(place, beside=False, rect=rect)


def _strip(rect: Rect, *, down: bool, end: bool) -> Rect:
    """The part of a pane along one of its edges."""
    if down:
        return Rect(rect.x, rect.y + (rect.height - EDGE if end else 0), rect.width, EDGE)
    return Rect(rect.x + (rect.width - EDGE if end else 0), rect.y, EDGE, rect.height)


def _smallest(count: int, size: int) -> int:
    """Pixels of so many at their smallest, with the lines between them; 0 where one is alone."""
    return count * (size + LINE) - LINE if count > 1 else 0


def _divided(room: int, shares: Sequence[float], smallest: int) -> list[tuple[int, int]]:
    """Starts and sizes along a line; those that would be too small have their least, the others what is left."""
    free = room - LINE * (len(shares) - 1)
    sizes = _fitted(free, shares, min(smallest, free // max(len(shares), 1)))
    found: list[tuple[int, int]] = []
    at = 0.0
    for number, size in enumerate(sizes):
        start, end = round(at), round(at + size)
        found.append((start + number * LINE, end - start))
        at += size
    return found


def _fitted(room: int, shares: Sequence[float], smallest: int) -> list[float]:
    """Parts of the room, none below the smallest."""
    sizes = [0.0] * len(shares)
    open_, left = set(range(len(shares))), float(room)
    while open_:
        total = sum(shares[place] for place in open_)
        small = {place for place in open_ if shares[place] * left < smallest * total}
        if not small:
            for place in open_:
                sizes[place] = shares[place] * left / total
            break
        for place in small:
            sizes[place] = float(smallest)
        left -= smallest * len(small)
        open_ -= small
    return sizes
