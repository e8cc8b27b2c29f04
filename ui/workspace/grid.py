"""Geometry of panes in a row, a column or a grid, including resizing and drop targets. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from desktop.domain.comparison import Arrangement

NARROWEST, LOWEST = 320, 220
"""Width and height in pixels from which a pane is comfortable to read. Four fit beside the sidebar in 1600 pixels."""

THINNEST, SHORTEST = 240, 130
"""Minimum width and height in pixels of a pane in a grid that holds more panes than are comfortable to read."""

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


class Plan(Struct, frozen=True):
    """Lines of pane indexes. Panes of a line are side by side, or with `down` below each other.

    `in_view` is the number of lines that are visible at a time, all of them unless the area scrolls. `lowest` is the
    minimum height of a pane in pixels.
    """

    lines: tuple[range, ...]
    down: bool = False
    in_view: int = 1
    lowest: int = LOWEST

    def height(self, seen: int) -> int:
        """Return the height of all lines in pixels, if `seen` is the visible height."""
        return seen if self.in_view >= len(self.lines) else round(len(self.lines) * (seen + LINE) / self.in_view) - LINE


def planned(count: int, arrangement: Arrangement, width: int, height: int, lowest: int = SHORTEST) -> Plan:
    """Return how panes are laid out in an area. A row or a column that does not fit becomes a grid.

    A grid has the columns that make its panes the most comfortable to read, if possible as many as lines. If no grid
    fits, it scrolls by whole lines.
    """
    single = Plan((range(count),), lowest=lowest)
    if count < 2 or (arrangement is Arrangement.ROW and _smallest(count, NARROWEST) <= width):
        return single
    if arrangement is Arrangement.COLUMN and _smallest(count, lowest) <= height:
        return Plan((range(count),), down=True, lowest=lowest)
    square = math.ceil(math.sqrt(count))
    widest = max((width + LINE) // (THINNEST + LINE), 1)
    fitting = [each for each in range(1, min(count, widest) + 1) if _smallest(-(-count // each), lowest) <= height]
    if fitting:
        columns = max(fitting, key=lambda each: (_comfort(width, height, each, -(-count // each)), -abs(each - square)))
    else:
        columns = max(min(square, (width + LINE) // (NARROWEST + LINE)), 1)
    lines = tuple(range(first, min(first + columns, count)) for first in range(0, count, columns))
    in_view = len(lines) if fitting else max((height + LINE) // (lowest + LINE), 1)
    return Plan(lines, in_view=in_view, lowest=lowest)


def narrowest(count: int, width: int) -> int:
    """Return the minimum width in pixels of panes that are side by side."""
    return NARROWEST if _smallest(count, NARROWEST) <= width else THINNEST


def _comfort(width: int, height: int, columns: int, rows: int) -> float:
    """Return how comfortable the panes of a grid are to read, up to 1 if they are wide and high enough."""
    return min(1, (width + LINE) / columns / (NARROWEST + LINE), (height + LINE) / rows / (LOWEST + LINE))


def rects(width: int, height: int, plan: Plan, shares: Sequence[float], heights: Sequence[float] = ()) -> list[Rect]:
    """Return one rectangle for each share, in order. `heights` apply only to as many rows, all of which are visible."""
    lines, lowest = plan.lines, plan.lowest
    rectangles: list[Rect] = []
    own_heights = len(heights) == len(lines) <= plan.in_view
    tops = _divided(height, heights if own_heights else [1.0] * len(lines), lowest)
    for line, (top, high) in zip(lines, tops, strict=True):
        own = [shares[place] for place in line]
        if plan.down:
            rectangles += [Rect(0, at, width, size) for at, size in _divided(height, own, lowest)]
        else:
            rectangles += [Rect(at, top, size, high) for at, size in _divided(width, own, narrowest(len(own), width))]
    return rectangles


def edges(placed: Sequence[Rect], plan: Plan) -> list[Edge]:
    """Return the edges between the panes that can be dragged."""
    draggable: list[Edge] = []
    lines = plan.lines
    for line in lines:
        for index in line[:-1]:
            after = placed[index + 1]
            if plan.down:
                rect = Rect(after.x, after.y - LINE, after.width, LINE)
            else:
                rect = Rect(after.x - LINE, after.y, LINE, after.height)
            draggable.append(Edge(index, rect, across=not plan.down, of_lines=False))
    for number, line in enumerate(lines[1:] if plan.in_view >= len(lines) else ()):
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


def spot(placed: Sequence[Rect], plan: Plan, x: int, y: int, *, beside_only: bool = False) -> Spot | None:
    """Return the target of a drop at a point: near an edge, the place between two panes; otherwise the pane."""
    with_line = (Rect(rect.x, rect.y, rect.width + LINE, rect.height + LINE) for rect in placed)
    index = next((number for number, rect in enumerate(with_line) if rect.holds(x, y)), None)
    if index is None:
        return None
    rect = placed[index]
    down = plan.down
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
