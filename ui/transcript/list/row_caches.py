"""Rows of conversations that were shown lately, for when one of them comes back soon; pure."""

from __future__ import annotations

from collections.abc import Sequence

from ui.transcript.message.row import Row

_SHELVED = 3
"""Conversations whose rows are kept after another one is shown."""


class RowCache:
    """Rows by the id of their conversation's first message."""

    def __init__(self) -> None:
        self._kept: dict[str, Sequence[Row]] = {}

    def put(self, rows: Sequence[Row]) -> None:
        """Keep rows that go, and let the oldest go for them."""
        if rows:
            self._kept.pop(rows[0].id, None)
            self._kept[rows[0].id] = rows
        while len(self._kept) > _SHELVED:
            del self._kept[next(iter(self._kept))]

    def rows(self, first: str) -> Sequence[Row]:
        """What is kept of the conversation whose first message has that id."""
        return self._kept.get(first, ())

    def clear(self) -> None:
        """Keep nothing: the rows were made for another look."""
        self._kept.clear()
