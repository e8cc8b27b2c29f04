"""Geometry of panes in a row, a column or a grid, including resizing and drop targets. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from desktop.domain.comparison import Arrangement

NARROWEST, LOWEST = 320, 220
"""Minimum width and height in pixels of a readable pane. Four fit beside the sidebar in 1600 pixels."""

LINE = 1
"""Width in pixels of the lines between panes."""

EDGE = 48
"""Width in pixels of the zone along an edge where a drop inserts a pane."""


class Rect(Struct, frozen=True):
    """Rectangle in the area of the panes, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies inside the rectangle."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class Edge(Struct, frozen=True):
    """Line between two panes or two rows of a grid that can be dragged. `across` means that the line is vertical.

    `first` is the index of the pane or row before the line.
    """

    first: int
    rect: Rect
    across: bool
    of_lines: bool


def lines_of(count: int, arrangement: Arrangement, width: int) -> list[range]:
    """Return the indexes of the panes on each line. A row and a column have one line; a grid is about square.

    A grid has fewer columns if the width is too small for them.
    """
    if arrangement is not Arrangement.GRID:
        return [range(count)]
    square = count if count < 3 else math.ceil(math.sqrt(count))
    columns = max(min(square, (width + LINE) // (NARROWEST + LINE)), 1)
    return [range(first, min(first + columns, count)) for first in range(0, count, columns)]


def least(count: int, arrangement: Arrangement, width: int, lowest: int = LOWEST) -> tuple[int, int]:
    """Return the minimum width and height in pixels for a number of panes.

    The value is 0 for a direction in which there is only one pane.
    """
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
    """Return one rectangle for each share, in order. `heights` apply only if there is one for each row of the grid."""
    lines = lines_of(len(shares), arrangement, width)
    rectangles: list[Rect] = []
    tops = _divided(height, heights if len(heights) == len(lines) else [1.0] * len(lines), lowest)
    for line, (top, high) in zip(lines, tops, strict=True):
        own = [shares[place] for place in line]
        if arrangement is Arrangement.COLUMN:
            rectangles += [Rect(0, at, width, size) for at, size in _divided(height, own, lowest)]
        else:
            rectangles += [Rect(at, top, size, high) for at, size in _divided(width, own, NARROWEST)]
    return rectangles


def edges(placed: Sequence[Rect], arrangement: Arrangement) -> list[Edge]:
    """Return the edges between the panes that can be dragged."""
    draggable: list[Edge] = []
    lines = lines_of(len(placed), arrangement, max(rect.x + rect.width for rect in placed))
    for line in lines:
        for index in line[:-1]:
            after = placed[index + 1]
            if arrangement is Arrangement.COLUMN:
                rect = Rect(after.x, after.y - LINE, after.width, LINE)
            else:
                rect = Rect(after.x - LINE, after.y, LINE, after.height)
            draggable.append(Edge(index, rect, across=arrangement is not Arrangement.COLUMN, of_lines=False))
    for number, line in enumerate(lines[1:]):
        below = placed[line[0]]
        right = placed[lines[0][-1]]
        rect = Rect(0, below.y - LINE, right.x + right.width, LINE)
        draggable.append(Edge(number, rect, across=False, of_lines=True))
    return draggable


def dragged(sizes: Sequence[int], first: int, by: int, smallest: int) -> list[float]:
    """Return the relative sizes after dragging the edge behind the pane `first`, respecting the minimum size."""
    one, two = sizes[first], sizes[first + 1]
    by = max(min(by, two - min(smallest, two)), min(smallest, one) - one)
    moved = [*sizes[:first], one + by, two - by, *sizes[first + 2 :]]
    total = sum(moved) or 1
    return [size * len(moved) / total for size in moved]


class Spot(Struct, frozen=True):
    """Target of a drop: the pane at an index, or if `beside`, the place between that pane and the one before it."""

    place: int
    beside: bool
    rect: Rect


def spot(placed: Sequence[Rect], arrangement: Arrangement, x: int, y: int, *, beside_only: bool = False) -> Spot | None:
    """Return the target of a drop at a point: near an edge, the place between two panes; otherwise the pane."""
    with_line = (Rect(rect.x, rect.y, rect.width + LINE, rect.height + LINE) for rect in placed)
    index = next((number for number, rect in enumerate(with_line) if rect.holds(x, y)), None)
    if index is None:
        return None
    rect = placed[index]
    down = arrangement is Arrangement.COLUMN
    at, size = (y - rect.y, rect.height) if down else (x - rect.x, rect.width)
    near = size // 2 if beside_only else min(EDGE, size // 4)
    if at < near:
        return Spot(index, beside=True, rect=_strip(rect, down=down, end=False))
    if at >= size - near:
        return Spot(index + 1, beside=True, rect=_strip(rect, down=down, end=True))
    return Spot(index, beside=False, rect=rect)


def _strip(rect: Rect, *, down: bool, end: bool) -> Rect:
    """Return the zone along one edge of a pane, in which a drop inserts another pane."""
    if down:
        return Rect(rect.x, rect.y + (rect.height - EDGE if end else 0), rect.width, EDGE)
    return Rect(rect.x + (rect.width - EDGE if end else 0), rect.y, EDGE, rect.height)


def _smallest(count: int, size: int) -> int:
    """Return the total minimum size of a number of panes, including the lines between them; 0 for a single pane."""
    return count * (size + LINE) - LINE if count > 1 else 0


def _divided(room: int, shares: Sequence[float], smallest: int) -> list[tuple[int, int]]:
    """Return the starts and sizes of panes along a line. Panes that would be too small get the minimum size."""
    free = room - LINE * (len(shares) - 1)
    sizes = _fitted(free, shares, min(smallest, free // max(len(shares), 1)))
    spans: list[tuple[int, int]] = []
    at = 0.0
    for number, size in enumerate(sizes):
        start, end = round(at), round(at + size)
        spans.append((start + number * LINE, end - start))
        at += size
    return spans


def _fitted(room: int, shares: Sequence[float], smallest: int) -> list[float]:
    """Distribute the space according to the shares, but with no size below the minimum."""
    sizes = [0.0] * len(shares)
    open_, free = set(range(len(shares))), float(room)
    while open_:
        total = sum(shares[index] for index in open_)
        small = {index for index in open_ if shares[index] * free < smallest * total}
        if not small:
            for index in open_:
                sizes[index] = shares[index] * free / total
            break
        for index in small:
            sizes[index] = float(smallest)
        free -= smallest * len(small)
        open_ -= small
    return sizes
