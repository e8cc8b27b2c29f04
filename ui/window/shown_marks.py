"""What the list of conversations shows of the panes: which conversation is open, and their models' colours."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from ui.sidebar.sidebar import Sidebar
from ui.workspace.workspace import Workspace


class ShownMarks(QObject):
    """`kept` says the id of what is shown, as far as the store has it."""

    def __init__(self, sidebar: Sidebar, workspace: Workspace, kept: Callable[[], str]) -> None:
        super().__init__(workspace)
        self._sidebar = sidebar
        self._workspace = workspace
        self._kept = kept
        self._marks = workspace.marks
        workspace.line.shown_changed.connect(self._mark)
        workspace.line.shown_changed.connect(self._colour)
        workspace.panes_changed.connect(self._colour)
        workspace.panes_changed.connect(self._follow)

    @Slot(object)
    def _mark(self) -> None:
        """A single pane may go on in a new chat, which the list does not have: no other one is marked for it."""
        if self._workspace.comparison is None:
            self._sidebar.mark_opened(self._kept())

    @Slot()
    def _follow(self) -> None:
        """A chat that another pane was put beside is a comparison from then on, and its own row is shown no more."""
        comparison = self._workspace.comparison
        if comparison is not None and self._sidebar.opened_id != comparison.id:
            self._sidebar.mark_opened(comparison.id)

    @Slot()
    def _colour(self) -> None:
        """A model has one colour in the whole window."""
        rows, marks = self._sidebar.list, self._marks.kept
        if marks != rows.delegate.marks:
            rows.delegate.marks = marks
            rows.viewport().update()
