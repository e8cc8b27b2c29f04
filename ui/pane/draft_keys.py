"""Whose draft is typed in a pane: the conversation's, that of the one whose place it took, or that of new chats."""

from __future__ import annotations

from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.drafts import NEW


class DraftKeys:
    """Of one pane. `several` says that it stands beside others: each has drafts of its own then."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._shared: dict[str, str] = {}
        self.several = False

    @property
    def shown(self) -> str:
        """That of the chat that is shown."""
        return self.of(self._chats.shown)

    def of(self, chat: Chat) -> str:
        """That of a chat."""
        if self.several:
            return chat.id
        return self._shared.get(chat.id, chat.id if chat.is_stored else NEW)

    def share(self, made: str, key: str) -> None:
        """A chat that took another one's place and is in no list yet has its draft until it is kept."""
        self._shared[made] = key

    def end_sharing(self, kept: str) -> str | None:
        """A chat was kept; the key of the draft that it shared until now."""
        return self._shared.pop(kept, None)
