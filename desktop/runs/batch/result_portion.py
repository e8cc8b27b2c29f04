"""As many results of a job as may be in memory at once, by their cells; the others are read again for the next."""

from __future__ import annotations

from collections.abc import Collection

from desktop.providers.wire.batch_files import BatchResult
from desktop.runs.batch.batch_plan import BOUNDS, key_of
from desktop.suite_cells import CellKey

_SHOWN = 3


class ResultPortion:
    """Is given the lines of a job's files, all of them in their order, and holds those of some cells.

    Of several lines for one cell the first answered one counts. `cells` are those that are in the job's file, `left`
    those of them that are still wanted; at least one of these is held where any is there.
    """

    def __init__(self, cells: Collection[CellKey], left: Collection[CellKey], most_bytes: int = BOUNDS.held) -> None:
        self._cells = frozenset(cells)
        self._left = frozenset(left)
        self._most = most_bytes
        self._size = 0
        self.results: dict[CellKey, BatchResult] = {}
        self.later: set[CellKey] = set()
        """Cells that had no room."""
        self.unreadable = 0
        """Lines that cannot be read."""
        self.unknown = 0
        """Lines of names that are none of the job's cells."""
        self.names: dict[str, None] = {}
        """The first few of these."""

    def add(self, line: BatchResult | None) -> None:
        """Take a line; None is one that cannot be read."""
        key = key_of(line.custom_id) if line is not None else None
        if line is None:
            self.unreadable += 1
        elif key is None or key not in self._cells:
            self.unknown += 1
            if len(self.names) < _SHOWN:
                self.names[line.custom_id] = None
        elif key in self._left and key not in self.later:
            self._hold(key, line)

    def _hold(self, key: CellKey, line: BatchResult) -> None:
        held = self.results.get(key)
        if held is not None:
            if held.status == 200 or line.status != 200:
                return
            self._size -= len(self.results.pop(key).body)
        if self.results and self._size + len(line.body) > self._most:
            self.later.add(key)
            return
        self.results[key] = line
        self._size += len(line.body)
