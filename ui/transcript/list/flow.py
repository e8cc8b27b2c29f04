"""Positions of slabs in the viewport, relative to an anchor so that visible text never jumps. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from msgspec import Struct


class Heights:
    """Row heights with prefix sums in a Fenwick tree.

    P. M. Fenwick, Software: Practice and Experience 24 (1994), 327.
    """

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._values = list(heights)
        self._tree = _tree_of(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, row: int) -> int:
        return self._values[row]

    @property
    def total(self) -> int:
        """Total height of all rows."""
        return self.above(len(self._values))

    def above(self, row: int) -> int:
        """Return the total height of the rows above `row`."""
        height = 0
        while row > 0:
            height += self._tree[row]
            row -= row & -row
        return height

    def set(self, row: int, height: int) -> None:
        """Change the height of a row."""
        change = height - self._values[row]
        if not change:
            return
        self._values[row] = height
        at = row + 1
        while at < len(self._tree):
            self._tree[at] += change
            at += at & -at

    def add(self, height: int) -> None:
        """Append a row."""
        self._values.append(height)
        at = len(self._values)
        self._tree.append(height)
        child = 1
        while child < at & -at:
            self._tree[at] += self._tree[at - child]
            child <<= 1

    def at(self, y: int) -> tuple[int, int]:
        """Return the row at a vertical position, and the offset within the row.

        For positions below all rows, this is the last row.

        Raises:
            IndexError: If there are no rows.
        """
        if not self._values:
            raise IndexError("there are no rows")
        row, rest = 0, max(y, 0)
        step = 1 << (len(self._values).bit_length() - 1)
        while step:
            ahead = row + step
            if ahead < len(self._tree) and self._tree[ahead] <= rest:
                row, rest = ahead, rest - self._tree[ahead]
            step >>= 1
        if row == len(self._values):
            return row - 1, rest + self._values[-1]
        return row, rest


def _tree_of(values: list[int]) -> list[int]:
    tree = [0, *values]
    end = len(tree)
    for at in range(1, end):
        parent = at + (at & -at)
        if parent < end:
            tree[parent] += tree[at]
    return tree


class FlowSlab(Protocol):
    """A part of a row that is laid out as a whole."""

    def height(self, width: int) -> int:
        """Return the height at a width, after laying out the slab if necessary."""
        ...

    def likely_height(self, width: int) -> int:
        """Return the known or an estimated height without laying out the slab."""
        ...


S_co = TypeVar("S_co", bound=FlowSlab, covariant=True)
S = TypeVar("S", bound=FlowSlab)


class FlowRow(Protocol[S_co]):
    """A row that consists of at least one slab."""

    @property
    def slabs(self) -> Sequence[S_co]:
        """The slabs from top to bottom, created on demand."""
        ...

    def likely_height(self, width: int) -> int:
        """Return an estimated height without creating the slabs."""
        ...


class Placed(Struct, Generic[S], frozen=True):
    """A slab with its row, its index in the row, and its vertical position in the viewport in pixels."""

    row: int
    number: int
    slab: S
    top: int


class Flow(Generic[S]):
    """Vertical layout of rows in a viewport, in pixels."""

    def __init__(self) -> None:
        self._rows: list[FlowRow[S]] = []
        self._heights = Heights()
        self._summed: set[int] = set()  # rows whose height is the sum of their slabs', no guess of the row's own
        self._width = 1
        self._height = 1
        self._row, self._number, self._offset = 0, 0, 0
        self.following = True
        """Whether the end stays in view when rows grow."""
        self.tail = 0
        """Pixels of room below the last row."""
        self._lead: tuple[int, int] | None = None

    @property
    def total(self) -> int:
        """Known or estimated height of all rows, including the space below them."""
        return self._heights.total + self._room

    @property
    def _room(self) -> int:
        """Pixels of room below the last row, so that the leading row can stand at the top."""
        if self._lead is None:
            return self.tail
        row, above = self._lead
        return max(self._height - above - (self._heights.total - self._heights.above(row)), self.tail)

    @property
    def at_end(self) -> bool:
        """Whether the end is in view, and the room below it."""
        return not self._rows or self.following or self._is_at_end()

    @property
    def value(self) -> int:
        """Scroll position in pixels."""
        if not self._rows:
            return 0
        within = self._rows[self._row].slabs[: self._number]
        return self._heights.above(self._row) + sum(slab.likely_height(self._width) for slab in within) + self._offset

    def set_rows(self, rows: Sequence[FlowRow[S]], same: int) -> None:
        """Replace the rows; the first `same` rows are unchanged."""
        self._rows = list(rows)
        self._summed = {number for number in self._summed if number < same}
        if same >= len(self._heights):
            for row in self._rows[same:]:
                self._heights.add(row.likely_height(self._width))
        else:
            kept = [self._heights[number] for number in range(same)]
            self._heights = Heights(kept + [row.likely_height(self._width) for row in self._rows[same:]])
        if self._row >= len(self._rows):
            self._row, self._number, self._offset = max(len(self._rows) - 1, 0), 0, 0
        elif self._number and self._number >= len(self._rows[self._row].slabs):
            self._number, self._offset = 0, 0  # the row that is read has become shorter
        if self._lead is not None and self._lead[0] >= same:
            self._lead = None

    def lead(self, row: int, *, above: int) -> None:
        """Show a row near the top, with room below for what will follow. What follows does not scroll by itself."""
        self._lead = (row, above)
        self._row, self._number, self._offset = row, 0, -above
        self.following = False

    def resize(self, width: int, height: int) -> None:
        """Change the size of the viewport. Known heights are estimates until the rows are visible again."""
        self._width, self._height = max(width, 1), max(height, 1)

    def row_changed(self, number: int) -> None:
        """Update the height of a row whose slabs changed."""
        slabs = self._rows[number].slabs
        self._heights.set(number, sum(slab.likely_height(self._width) for slab in slabs))
        if number == self._row and self._number >= len(slabs):
            self._number, self._offset = len(slabs) - 1, 0

    def to_end(self) -> None:
        """Show the end, now and after every change."""
        self.following = True

    def scroll(self, distance: int) -> None:
        """Scroll by pixels, down if positive. Rows that become visible are laid out first."""
        if not self._rows:
            return
        self.following = False
        self._offset += distance
        self._settle()
        self._keep_filled()
        self.following = self._follows()

    def jump(self, value: int) -> None:
        """Scroll to a value of the scroll bar."""
        if not self._rows:
            return
        row, offset = self._heights.at(value)
        self._row, self._number, self._offset = row, 0, 0
        slabs = self._rows[row].slabs
        while self._number < len(slabs) - 1 and offset >= slabs[self._number].likely_height(self._width):
            offset -= slabs[self._number].likely_height(self._width)
            self._number += 1
        self._offset = max(min(offset, self._measure(row, self._number) - 1), 0)
        self._keep_filled()
        self.following = self._follows()

    def go_to(self, row: int, number: int = 0, *, above: int = 0) -> None:
        """Scroll to a slab, leaving `above` pixels between the top of the viewport and the slab."""
        self._row, self._number, self._offset = row, number, -above
        self._settle()
        self._keep_filled()
        self.following = self._follows()

    def hold(self, row: int, number: int, top: int) -> None:
        """Scroll so that a slab is at a position in the viewport."""
        self._row, self._number, self._offset = row, number, -top
        self._settle()
        self._keep_filled()
        self.following = self._follows()

    def visible(self) -> list[Placed[S]]:
        """Lay out and return the visible slabs."""
        if not self._rows:
            return []
        if self.following:
            self._go_to_end()
        else:
            self._settle()
            self._keep_filled()
        return self._placed()

    def top_of(self, row: int, number: int = 0) -> int:
        """Return the estimated position of a slab relative to the viewport."""
        slabs = self._rows[row].slabs if number else ()
        within = sum(slab.likely_height(self._width) for slab in slabs[:number])
        return self._heights.above(row) + within - self.value

    def height_of(self, row: int) -> int:
        """Return the estimated height of a row."""
        return self._heights[row]

    def row_at(self, y: int) -> int:
        """Return the row at a vertical position in the viewport, or -1 if there is none."""
        value = y + self.value
        if not self._rows or value < 0 or value >= self._heights.total:
            return -1
        return self._heights.at(value)[0]

    def _placed(self) -> list[Placed[S]]:
        placed: list[Placed[S]] = []
        row, number, top = self._row, self._number, -self._offset
        while top < self._height and row < len(self._rows):
            height = self._measure(row, number)
            slabs = self._rows[row].slabs
            placed.append(Placed(row, number, slabs[number], top))
            top += height
            row, number = (row, number + 1) if number + 1 < len(slabs) else (row + 1, 0)
        return placed

    def _measure(self, row: int, number: int) -> int:
        """Lay out a slab, update the sums and return its height."""
        slab = self._rows[row].slabs[number]
        guess = slab.likely_height(self._width)
        height = slab.height(self._width)
        if height != guess or row not in self._summed:
            self._summed.add(row)
            self._heights.set(row, sum(each.likely_height(self._width) for each in self._rows[row].slabs))
        return height

    def _settle(self) -> None:
        """Change the anchor to the slab in which its offset lies."""
        while self._offset < 0 and (before := self._before(self._row, self._number)) is not None:
            self._row, self._number = before
            self._offset += self._measure(*before)
        self._offset = max(self._offset, 0)
        while self._offset >= (height := self._measure(self._row, self._number)):
            after = self._after(self._row, self._number)
            if after is None:
                self._offset = max(height - 1, 0)
                break
            self._offset -= height
            self._row, self._number = after

    def _keep_filled(self) -> None:
        """Scroll to the end if there is empty space at the bottom."""
        below = self._below()
        if below is not None and below < self._height:
            self._go_to_end()

    def _below(self) -> int | None:
        """Return the distance from the top of the viewport to the end in pixels, or None if the end is outside."""
        row, number, distance = self._row, self._number, self._room - self._offset
        while distance < self._height:
            distance += self._measure(row, number)
            after = self._after(row, number)
            if after is None:
                return distance
            row, number = after
        return None

    def _follows(self) -> bool:
        """Whether the reader is at the end, and not only because there is still room below a leading row."""
        return self._room == self.tail and self._is_at_end()

    def _is_at_end(self) -> bool:
        row, number, found = self._row, self._number, self._room - self._offset
        while found <= self._height:
            found += self._measure(row, number)
            after = self._after(row, number)
            if after is None:
                return found <= self._height
            row, number = after
        return False

    def _go_to_end(self) -> None:
        row = len(self._rows) - 1
        number = len(self._rows[row].slabs) - 1
        missing = self._height - self._room - self._measure(row, number)
        while missing > 0 and (before := self._before(row, number)) is not None:
            row, number = before
            missing -= self._measure(row, number)
        self._row, self._number, self._offset = row, number, max(-missing, 0)

    def _before(self, row: int, number: int) -> tuple[int, int] | None:
        if number:
            return row, number - 1
        return (row - 1, len(self._rows[row - 1].slabs) - 1) if row else None

    def _after(self, row: int, number: int) -> tuple[int, int] | None:
        if number + 1 < len(self._rows[row].slabs):
            return row, number + 1
        return (row + 1, 0) if row + 1 < len(self._rows) else None
