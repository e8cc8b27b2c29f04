"""Where the reader was before something else was shown: another conversation, or the prompts alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ui.transcript.message.row import Row

_MOST = 200
"""Conversations whose places are remembered."""

Place = tuple[int, int]
"""A turn and its height, as Turns has them."""


class LeftPlaces:
    """Places by the first message of what was read; where the end was in view there is none, and it is followed."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._whole: Place | None = None
        self.stays = False
        """Whether nobody moved since a line stands for each answer."""

    def leave(self, rows: Sequence[Row], place: Place | None) -> None:
        """Something else is about to be shown."""
        self.stays = False
        if not rows:
            return
        self._places.pop(rows[0].id, None)
        if place is not None:
            self._places[rows[0].id] = place
        while len(self._places) > _MOST:
            del self._places[next(iter(self._places))]

    def of(self, rows: Sequence[Row]) -> Place | None:
        """Where these were left."""
        return self._places.get(rows[0].id) if rows else None

    def fold(self, place: Place | None) -> None:
        """A line stands for each answer from now on; the place that was read."""
        self._whole, self.stays = place, True

    def move(self) -> None:
        """The reader went elsewhere."""
        self.stays = False

    def unfold(self, show: Callable[[int, int], None], to_end: Callable[[], None]) -> None:
        """Go back to where it was read."""
        if self._whole is None:
            to_end()
        else:
            show(*self._whole)
