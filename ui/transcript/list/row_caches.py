"""Cache of the rows of recently shown conversations. Pure data structure."""

from __future__ import annotations

from collections.abc import Sequence

from ui.transcript.message.row import Row

_SHELVED = 3
"""Number of conversations whose rows are cached."""


class RowCache:
    """Cache of rows, by the ID of the first message in their conversation."""

    def __init__(self) -> None:
        self._kept: dict[str, Sequence[Row]] = {}

    def put(self, rows: Sequence[Row]) -> None:
        """Store the rows of a conversation, and drop those of the conversation stored longest ago."""
        if rows:
            self._kept.pop(rows[0].id, None)
            self._kept[rows[0].id] = rows
        while len(self._kept) > _SHELVED:
            del self._kept[next(iter(self._kept))]

    def rows(self, first: str) -> Sequence[Row]:
        """Return the rows of the conversation whose first message has this ID, or none."""
        return self._kept.get(first, ())

    def clear(self) -> None:
        """Drop all rows, because the theme or the text size has changed."""
        self._kept.clear()
