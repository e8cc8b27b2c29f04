"""Heights of many rows, summed up to any of them in logarithmic time (a Fenwick tree); pure."""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Pixels by row, all of them 0 or more. P. M. Fenwick, Software: Practice and Experience 24 (1994), 327."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._values = list(heights)
        self._tree = _tree_of(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, row: int) -> int:
        return self._values[row]

    @property
    def total(self) -> int:
        """The height of all rows."""
        return self.above(len(self._values))

    def above(self, row: int) -> int:
        """The height of all rows before one."""
        found = 0
        while row > 0:
            found += self._tree[row]
            row -= row & -row
        return found

    def set(self, row: int, height: int) -> None:
        """Give a row another height."""
        change = height - self._values[row]
        if not change:
            return
        self._values[row] = height
        at = row + 1
        while at < len(self._tree):
            self._tree[at] += change
            at += at & -at

    def add(self, height: int) -> None:
        """Another row at the end."""
        self._values.append(height)
        at = len(self._values)
        self._tree.append(height)
        child = 1
        while child < at & -at:
            self._tree[at] += self._tree[at - child]
            child <<= 1

    def at(self, y: int) -> tuple[int, int]:
        """The row at a height, and how far below its top; the last row for what lies below all of them.

        Raises IndexError where there is no row.
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
