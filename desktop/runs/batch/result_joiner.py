"""The lines of a job's files joined to its cells as they come, however many there are; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from desktop.providers.wire.batch_files import BatchResult, ResultHead
from desktop.runs.batch.batch_plan import MOST_HELD, key_of
from desktop.suite_cells import CellKey

_MOST_NAMES = 3


class ResultJoiner:
    """Holds the lines of the cells that are `wanted` of a job; of several for one the first answered one counts.

    `names` are the first of those that are none of its cells', `strangers` how many lines have such names.
    `is_full` says that lines went by for which there was no room.
    """

    def __init__(
        self,
        cells: Collection[CellKey],
        wanted: Collection[CellKey],
        head: Callable[[bytes], ResultHead | None],
        most: int = MOST_HELD,
    ) -> None:
        self._cells = frozenset(cells)
        self._wanted = frozenset(wanted)
        self._head = head
        self._room = most
        self._held: dict[CellKey, tuple[int | None, bytes]] = {}
        self.names: list[str] = []
        self.strangers = 0
        self.unreadable = 0
        self.is_full = False

    def take(self, lines: Sequence[bytes]) -> bool:
        """Hold what is wanted of some lines; whether there is room for more."""
        for line in lines:
            head = self._head(line)
            if head is None:
                self.unreadable += 1
            elif (key := key_of(head.custom_id)) is None or key not in self._cells:
                self._pass(head.custom_id)
            elif key in self._wanted:
                self._hold(key, head.status, line)
            if self.is_full:
                break
        return not self.is_full

    def results(self, read: Callable[[bytes], BatchResult | None]) -> dict[CellKey, BatchResult | None]:
        """What the lines say, None where that cannot be read; nothing is held any more."""
        found: dict[CellKey, BatchResult | None] = {}
        while self._held:
            key, (_, line) = self._held.popitem()
            found[key] = read(line)
            self.unreadable += found[key] is None
        return found

    def _pass(self, name: str) -> None:
        self.strangers += 1
        if len(self.names) < _MOST_NAMES and name not in self.names:
            self.names.append(name)

    def _hold(self, key: CellKey, status: int | None, line: bytes) -> None:
        before = self._held.get(key)
        if before is not None and (before[0] == 200 or status != 200):
            return
        room = self._room + (len(before[1]) if before is not None else 0) - len(line)
        if room < 0 and self._held:
            self.is_full = True
            return
        self._room = room
        self._held[key] = (status, line)
