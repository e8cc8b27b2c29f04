"""Assigns one of eight pane colors to each model, for the whole window and the life of the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import ModelRef
from ui.base.theme import Theme, distinct_marks


class ModelMarks:
    """Stores the color of each model.

    A model keeps its first color unless a neighboring pane already has that color.
    """

    def __init__(self) -> None:
        self._kept: dict[ModelRef, int] = {}

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
        """Return distinct color indexes for panes: each pane's index in `before`, or else its model's.

        If a model's old color is no longer shown anywhere, the model takes the color of its first pane.
        """
        wanted = [self._kept.get(ref) if mark is None else mark for ref, mark in zip(refs, before, strict=True)]
        marks = distinct_marks(refs, wanted, {*self._kept.values()})
        for ref in dict.fromkeys(refs):
            shown = [mark for each, mark in zip(refs, marks, strict=True) if each == ref]
            if self._kept.get(ref) not in shown:
                self._kept[ref] = shown[0]
        return marks
