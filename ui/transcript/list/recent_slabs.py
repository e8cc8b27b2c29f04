"""Which slabs were in view lately: their documents are kept, those of others dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ui.transcript.message.row import Row
from ui.transcript.message.slabs import Slab

_KEPT = 640
"""Slabs whose documents are kept when they are out of view: about 160 rows."""


class RecentSlabs:
    """Slabs in the order in which they were last seen."""

    def __init__(self) -> None:
        self._slabs: dict[Slab, None] = {}

    def keep(self, rows: Iterable[Row]) -> None:
        """Only slabs of these rows are in use now."""
        shown = set(rows)
        self._slabs = {slab: None for slab in self._slabs if slab.shown in shown}

    def seen(self, slabs: Sequence[Slab]) -> None:
        """These are in view; drop the documents of those that nobody saw for long."""
        for slab in slabs:
            self._slabs.pop(slab, None)
            self._slabs[slab] = None
        while len(self._slabs) > max(_KEPT, len(slabs)):
            oldest = next(iter(self._slabs))
            del self._slabs[oldest]
            oldest.drop()
