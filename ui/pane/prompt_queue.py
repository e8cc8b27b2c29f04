"""Prompts sent while a chat answers: each is asked when the response before it is complete, otherwise all return."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Status, new_id
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.chat import Chat
from ui.pane.chats import Chats

_KEY = "queued:"

GiveBack = Callable[[Chat, Sequence[Prompt]], None]
"""Returns prompts of a chat, which may be hidden, to its prompt field."""


class PromptQueue(QObject):
    """Queued prompts of all chats of a pane. They are kept with the drafts, so that a crash loses none."""

    changed = Signal()

    def __init__(self, chats: Chats, drafts: Drafts, give_back: GiveBack) -> None:
        super().__init__(chats)
        self._drafts = drafts
        self._give_back = give_back
        self._waiting: dict[Chat, list[tuple[str, Prompt]]] = {}
        chats.answering_changed.connect(self._go_on)

    def waiting(self, chat: Chat) -> tuple[tuple[str, Prompt], ...]:
        """Return the queued prompts of a chat, each with an ID of its own."""
        return tuple(self._waiting.get(chat, ()))

    def add(self, chat: Chat, prompt: Prompt) -> None:
        """Queue a prompt behind the others of its chat."""
        self._keep(chat, [*self.waiting(chat), (new_id(), prompt)])

    def take(self, chat: Chat, number: str = "") -> list[Prompt]:
        """Remove and return the queued prompt with this ID, or all of a chat."""
        waiting = self.waiting(chat)
        self._keep(chat, [each for each in waiting if number not in ("", each[0])])
        return [prompt for each, prompt in waiting if number in ("", each)]

    def left_by_a_crash(self, chat: Chat) -> list[Prompt]:
        """Remove and return prompts of a chat that were still queued when Paragone ended."""
        if chat.is_answering:
            return []  # another pane has them, and sends them
        left = self._drafts.get(_KEY + chat.id)
        self._drafts.set(_KEY + chat.id, Prompt())
        return list(left.each)

    def _keep(self, chat: Chat, waiting: list[tuple[str, Prompt]]) -> None:
        if waiting:
            self._waiting[chat] = waiting
        else:
            self._waiting.pop(chat, None)
        if not chat.is_temporary:
            self._drafts.set(_KEY + chat.id, Prompt().followed_by([prompt for _, prompt in waiting]))
        self.changed.emit()

    @Slot()
    def _go_on(self) -> None:
        """Send the next prompt of each chat whose response is complete, and return those of the others."""
        for chat in [each for each in self._waiting if not each.is_answering]:
            if chat.refusal is None and chat.path and chat.path[-1].status is Status.COMPLETE:
                number, prompt = self._waiting[chat][0]
                self.take(chat, number)
                chat.ask(prompt)
            else:
                self._give_back(chat, self.take(chat))
