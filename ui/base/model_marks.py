"""Assigns one of eight pane colors to each model, for the whole window and across restarts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import ModelRef
from desktop.errors import UsageError
from ui.base.theme import Theme, distinct_marks

MARKS = 8
"""Number of pane colors."""


class ModelMarks:
    """Stores the color in which each model was first shown.

    Where panes of a comparison would have the same color, the later pane has another one, but its model keeps its own.
    """

    def __init__(self) -> None:
        self._kept: dict[ModelRef, int] = {}

    @property
    def stored(self) -> dict[str, int]:
        """The colors as the window state stores them: by `connection/model`."""
        return {str(ref): mark for ref, mark in self._kept.items()}

    def restore(self, stored: Mapping[str, int]) -> None:
        """Take over the colors of earlier runs. Entries that are not valid are ignored."""
        for name, mark in stored.items():
            if mark in range(MARKS):
                with contextlib.suppress(UsageError):
                    self._kept[ModelRef.parse(name)] = mark

    @property
    def kept(self) -> Mapping[ModelRef, int]:
        """Color indexes, starting at 0, of the models shown so far."""
        return dict(self._kept)

    def colour(self, ref: ModelRef, theme: Theme) -> str:
        """Return a model's color in a theme, or its default color if it has not been shown yet."""
        mark = self._kept.get(ref)
        return theme.mark(ref) if mark is None else theme.panes[mark]

    def found_again(self, states: Iterable[PaneState]) -> list[int | None]:
        """Return color indexes for the panes of a stored comparison: current ones first, then the stored ones."""
        found: list[int | None] = []
        for state in states:
            known = self._kept.get(state.model)
            found.append(state.mark if known is None or known in found else known)
        return found

    def spread(self, refs: Sequence[ModelRef], before: Sequence[int | None]) -> list[int]:
        """Return distinct color indexes for panes: each pane's index in `before`, or else its model's."""
        wanted = [self._kept.get(ref) if mark is None else mark for ref, mark in zip(refs, before, strict=True)]
        marks = distinct_marks(refs, wanted, {*self._kept.values()})
        for ref, mark in zip(refs, marks, strict=True):
            self._kept.setdefault(ref, mark)
        return marks
