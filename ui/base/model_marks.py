"""Assigns one of eight pane colors to each model, for the whole window and the life of the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import ModelRef
from ui.base.theme import Theme, distinct_marks


class ModelMarks:
    """Remembers each model's color. A model keeps its first color unless a neighboring pane already has it."""

    def __init__(self) -> None:
        self._kept: dict[ModelRef, int] = {}

    @property
    def kept(self) -> Mapping[ModelRef, int]:
        """Color indexes of the models shown so far, starting at 0."""
        return dict(self._kept)

    def colour(self, ref: ModelRef, theme: Theme) -> str:
        """Return a model's color in a theme, or its default color if it was not shown yet."""
        mark = self._kept.get(ref)
        return theme.mark(ref) if mark is None else theme.panes[mark]

    def found_again(self, states: Iterable[PaneState]) -> list[int | None]:
        """Return the colors for the panes of a stored comparison: the current ones, or else the stored ones."""
        found: list[int | None] = []
        for state in states:
            known = self._kept.get(state.model)
            found.append(state.mark if known is None or known in found else known)
        return found

    def spread(self, refs: Sequence[ModelRef], before: Sequence[int | None]) -> list[int]:
        """Return distinct color indexes for panes: the pane's color `before`, or else its model's.

        A model whose old color is no longer shown anywhere takes the color of its first pane.
        """
        wanted = [self._kept.get(ref) if mark is None else mark for ref, mark in zip(refs, before, strict=True)]
        marks = distinct_marks(refs, wanted, {*self._kept.values()})
        for ref in dict.fromkeys(refs):
            shown = [mark for each, mark in zip(refs, marks, strict=True) if each == ref]
            if self._kept.get(ref) not in shown:
                self._kept[ref] = shown[0]
        return marks
