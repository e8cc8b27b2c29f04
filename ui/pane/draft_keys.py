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
        self._new = set[str]()
        self.several = False

    @property
    def shown(self) -> str:
        """That of the chat that is shown."""
        return self.of(self._chats.shown)

    def of(self, chat: Chat) -> str:
        """That of a chat."""
        if self.several:
            return chat.id
        return self._shared.get(chat.id, NEW if chat.id in self._new and not chat.is_stored else chat.id)

    def to_give_back(self, chat: Chat) -> str:
        """That under which a prompt is found again that a chat which is shown no more could not send."""
        key = self.of(chat)
        return NEW if key == chat.id and not chat.is_stored and not self.several else key

    def begin(self, new: str) -> None:
        """Somebody asked for this new chat as such: no other one has the draft of new chats."""
        self._new.add(new)

    def share(self, made: str, key: str) -> None:
        """A chat that took another one's place and is in no list yet has its draft until it is kept."""
        self._shared[made] = key

    def end_sharing(self, kept: str) -> str | None:
        """A chat was kept; the key of the draft that it shared until now."""
        return self._shared.pop(kept, None)
