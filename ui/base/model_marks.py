"""Which of the eight pane colours each model has, in the whole window and for as long as the program runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain.comparison import PaneState
from desktop.domain.conversation_types import ModelRef
from ui.base.theme import Theme, distinct_marks


class ModelMarks:
    """A model keeps the colour in which a pane first showed it, unless a pane beside it has that."""

    def __init__(self) -> None:
        self._kept: dict[ModelRef, int] = {}

    @property
    def kept(self) -> Mapping[ModelRef, int]:
        """The colours, from 0, of the models that were shown."""
        return dict(self._kept)

    def colour(self, ref: ModelRef, theme: Theme) -> str:
        """A model's colour in a theme: its own where it was not shown yet."""
        mark = self._kept.get(ref)
        return theme.mark(ref) if mark is None else theme.panes[mark]

    def found_again(self, states: Iterable[PaneState]) -> list[int | None]:
        """What panes of a comparison that was kept have: what their models have by now, else what was kept with it."""
        found: list[int | None] = []
        for state in states:
            known = self._kept.get(state.model)
            found.append(state.mark if known is None or known in found else known)
        return found

    def spread(self, refs: Sequence[ModelRef], before: Sequence[int | None]) -> list[int]:
        """One for each of some panes, no two alike: what the pane had `before`, else what its model has.

        Where a model is shown in no pane as it was until now, it is from now on as in the first one.
        """
        wanted = [self._kept.get(ref) if mark is None else mark for ref, mark in zip(refs, before, strict=True)]
        marks = distinct_marks(refs, wanted, {*self._kept.values()})
        for ref in dict.fromkeys(refs):
            shown = [mark for each, mark in zip(refs, marks, strict=True) if each == ref]
            if self._kept.get(ref) not in shown:
                self._kept[ref] = shown[0]
        return marks
