"""Cache of the rows of recently shown conversations. Pure data structure."""

from __future__ import annotations

from collections.abc import Sequence

from ui.transcript.message.row import Row

_SHELVED = 3
"""Number of conversations whose rows are kept."""


class RowCache:
    """Rows by the id of their conversation's first message."""

    def __init__(self) -> None:
        self._kept: dict[str, Sequence[Row]] = {}

    def put(self, rows: Sequence[Row]) -> None:
        """Store rows and drop the oldest."""
        if rows:
            self._kept.pop(rows[0].id, None)
            self._kept[rows[0].id] = rows
        while len(self._kept) > _SHELVED:
            del self._kept[next(iter(self._kept))]

    def rows(self, first: str) -> Sequence[Row]:
        """Return the rows of the conversation whose first message has this id."""
        return self._kept.get(first, ())

    def clear(self) -> None:
        """Drop all rows, because theme or text size changed."""
        self._kept.clear()
