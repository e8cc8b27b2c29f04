"""What the sidebar's rows say of answers: which are being made, and which ended while something else was shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from desktop.domain import Role, Status
from ui.pane.chat import Chat
from ui.sidebar.entries import RowState
from ui.sidebar.sidebar import Sidebar
from ui.workspace.workspace import Workspace

_FAILED = (Status.FAILED, Status.INTERRUPTED)


class RowStates(QObject):
    """Remembers how answers ended until their conversation is shown. A new start remembers nothing."""

    def __init__(self, sidebar: Sidebar, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._list = sidebar.list
        self._workspace = workspace
        self._answering: dict[str, Chat] = {}
        self._ended: dict[str, RowState] = {}
        workspace.line.answering_changed.connect(self._changed)
        workspace.line.shown_changed.connect(self._read)
        workspace.comparison_shown.connect(self._read)

    @Slot(object)
    def _changed(self) -> None:
        before, self._answering = self._answering, dict(self._workspace.answering)
        seen = self._shown
        for id_, chat in before.items():
            if id_ not in self._answering and id_ not in seen:
                self._ended[id_] = RowState.FAILED if _failed(chat) else RowState.NEW
        self._tell()

    @Slot()
    @Slot(object)
    def _read(self) -> None:
        for id_ in self._shown:
            self._ended.pop(id_, None)
        self._tell()

    @property
    def _shown(self) -> set[str]:
        return {pane.conversation_id for pane in self._workspace.line}

    def _tell(self) -> None:
        self._list.show_states({**self._ended, **dict.fromkeys(self._answering, RowState.ANSWERING)})


def _failed(chat: Chat) -> bool:
    """Whether the last answer of a chat came to an error, or none was sent."""
    last = chat.path[-1] if chat.path else None
    return chat.refusal is not None or (last is not None and last.role is Role.ASSISTANT and last.status in _FAILED)
