"""What becomes of what is shown when it goes to the trash, or is deleted for good."""

from __future__ import annotations

from collections.abc import Sequence
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

    @Slot(object, str)
    def _after_trash(self, ids: Sequence[str], title: str) -> None:
        shown, was_open = self._shown_id, self._shown_id in ids
        reopen = self._opening.comparison if self._workspace.comparison is not None else self._opening.conversation
        emptied = self._leave(ids)
        back = partial(reopen, shown, to=KeyboardTo.READING) if was_open else None
        self._undoing.after_trash(ids, title, partial(self._opening.again, emptied) if emptied else back)

    @Slot(object)
    def _after_purge(self, ids: Sequence[str]) -> None:
        """What was deleted for good is shown no more: sent to, it would be kept again with all that was said there."""
        comparison = self._workspace.comparison
        if comparison is not None and comparison.id in ids:
            self._workspace.sending.stop()
            self._workspace.kept.begin(None)  # else it is kept once more as it is left
            ids = (*ids, self._shown_id)
        self._leave(ids)

    def _leave(self, ids: Sequence[str]) -> list[tuple[Pane, str, str]]:
        """A new chat where one of these is shown; panes of a comparison that show one are emptied.

        By pane the id of what it showed, and that of the empty chat in its place.
        """
        if self._shown_id in ids:
            self._workspace.sending.stop()
            # Not to the message field: the draft of another chat may stand there, and Enter would send it.
            listed = self._sidebar.isAncestorOf(self._workspace.window().focusWidget() or self._workspace)
            self.new_chat_wanted.emit(self._sidebar.list.setFocus if listed else self._workspace.read)
            return []
        emptied: list[tuple[Pane, str, str]] = []
        for pane in self._workspace.line:
            if (thrown := pane.conversation_id) in ids:  # of a comparison, which goes on without it
                pane.stop()
                pane.start_new(pane.conversation.model)
                emptied.append((pane, thrown, pane.conversation_id))
        return emptied
