"""What becomes of what is shown when it goes to the trash, or is deleted for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from ui.pane.pane import Pane
from ui.sidebar.sidebar import Sidebar
from ui.window.undo_notices import UndoNotices
from ui.window.workspace_opener import KeyboardTo, WorkspaceOpener
from ui.workspace.workspace import Workspace


class ThrownChats(QObject):
    """Empties the window of them, and offers back what is in the trash."""

    new_chat_wanted = Signal(object)
    """A new chat is wanted in its place; what puts the keyboard where it belongs."""

    def __init__(
        self, sidebar: Sidebar, workspace: Workspace, opening: WorkspaceOpener, undoing: UndoNotices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._workspace = workspace
        self._opening = opening
        self._undoing = undoing
        sidebar.library.trashed.connect(self._after_trash)
        sidebar.library.purged.connect(self._after_purge)

    @property
    def _shown_id(self) -> str:
        comparison = self._workspace.comparison
        return comparison.id if comparison is not None else self._workspace.pane.conversation_id

    @Slot(object, str, object)
    def _after_trash(self, ids: Sequence[str], title: str, with_them: Sequence[str]) -> None:
        comparison, shown = self._workspace.comparison, self._shown_id
        was_open = self._shows_nothing_but((*ids, *with_them))
        reopen = self._opening.comparison if comparison is not None else self._opening.conversation
        back: Callable[[], None] | None = partial(reopen, shown, to=KeyboardTo.READING) if was_open else None
        taken = self._leave((*ids, *with_them))
        if taken and comparison is not None:
            back = partial(self._put_back, comparison.id, taken)
        self._undoing.after_trash(ids, title, back, [pane for pane, _, _ in taken])

    def _put_back(self, comparison_id: str, taken: Sequence[tuple[Pane, str, int]]) -> None:
        """Show chats again in the comparison that they were taken out of, which may not be shown any more."""
        shown = self._workspace.comparison
        if shown is None or shown.id != comparison_id:
            self._opening.into_comparison(comparison_id, [(chat, place) for _, chat, place in reversed(taken)])
            return
        for pane, _, place in reversed(taken):
            self._undoing.put_back(pane, place, comparison_id)

    @Slot(object)
    def _after_purge(self, ids: Sequence[str]) -> None:
        """What was deleted for good is shown no more: sent to, it would be kept again with all that was said there."""
        comparison = self._workspace.comparison
        if comparison is not None and comparison.id in ids:
            self._workspace.sending.stop()
            self._workspace.kept.begin(None)  # else it is kept once more as it is left
            ids = (*ids, self._shown_id)
        for pane, _, _ in self._leave(ids):
            pane.start_new()
            self._workspace.line.give_back(pane)

    def _shows_nothing_but(self, ids: Sequence[str]) -> bool:
        """Whether all that is shown is one of these."""
        return self._shown_id in ids or all(pane.conversation_id in ids for pane in self._workspace.line)

    def _leave(self, ids: Sequence[str]) -> list[tuple[Pane, str, int]]:
        """A new chat where one of these is shown; a comparison goes on without the panes that show one.

        The panes that were taken out, what they showed, and where they stood.
        """
        if self._shows_nothing_but(ids):
            self._workspace.sending.stop()
            # Not to the message field: the draft of another chat may stand there, and Enter would send it.
            listed = self._sidebar.isAncestorOf(self._workspace.window().focusWidget() or self._workspace)
            self.new_chat_wanted.emit(self._sidebar.list.setFocus if listed else self._workspace.read)
            return []
        taken: list[tuple[Pane, str, int]] = []
        for pane in self._workspace.line:
            if (thrown := pane.conversation_id) in ids:
                pane.stop()
                place = self._workspace.places.take_out(pane)
                if place is not None:
                    taken.append((pane, thrown, place))
        return taken
