"""Commands on a message that change its conversation: delete it, quote it, or go on from it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base.commands import Command
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.composer.composer import Composer
from ui.pane import tree
from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.forks import Forks

ChooseModel = Callable[[Callable[[ModelRef], None]], None]
"""Lets the user choose a model, and passes it on."""


class MessageActions(QObject):
    """Carries out the commands; `changed` is emitted when the visible conversation has lost messages."""

    changed = Signal()
    failed = Signal(object)
    """Emitted with the ParagoneError if a message could not be deleted."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        chats: Chats,
        composer: Composer,
        forks: Forks,
        choose_model: ChooseModel,
    ) -> None:
        super().__init__(chats)
        self._services = services
        self._tasks = tasks
        self._chats = chats
        self._composer = composer
        self._forks = forks
        self._choose_model = choose_model

    @Slot(Command, str)
    def act(self, command: Command, message_id: str) -> None:
        """Carry out a command on a message."""
        match command:
            case Command.DELETE_MESSAGE:
                self._ask_to_delete(message_id)
            case Command.NEW_CHAT_HERE:
                self._forks.new_chat_from(message_id)
            case Command.REGENERATE_RECORDED:
                self._chats.shown.regenerate(recorded=True)
            case _:
                self._choose_model(self._chats.shown.regenerate)

    def _ask_to_delete(self, message_id: str) -> None:
        """Ask before anything is deleted, because deleted messages do not come back."""
        chat = self._chats.shown
        after = len(tree.below(chat.conversation, message_id)) - 1
        said = (
            trn(
                "Delete this message and the {n} message after it? You cannot undo this.",
                "Delete this message and the {n} messages after it? You cannot undo this.",
                after,
            )
            if after
            else tr("Delete this message? You cannot undo this.")
        )
        delete = partial(self._start, chat, message_id)
        self._composer.notices.show_notice(said, tone="bad", action=tr("Delete"), act=delete, escapes=True)

    def _start(self, chat: Chat, message_id: str) -> None:
        if not chat.is_answering:
            self._tasks.start(self._delete(chat, message_id), name="pane.delete", failed=self.failed.emit)

    async def _delete(self, chat: Chat, message_id: str) -> None:
        """Delete a message with all that follows it, in every version, and show what is left."""
        conversation = chat.conversation
        going = tree.below(conversation, message_id)
        stays = tuple(each for each in conversation.messages if each.id not in going)
        left = msgspec.structs.replace(conversation, messages=stays, current=None)
        current = tree.leaf_beside(conversation, left, message_id)
        if chat.is_stored:
            store = await self._services.store()
            await store.conversations.delete_messages(conversation.id, going, current)
        chat.change(messages=stays, current=current)
        if chat is self._chats.shown:
            self.changed.emit()


def tell(composer: Composer, error: ParagoneError) -> None:
    """Say in a pane why a message was not deleted."""
    composer.notices.show_notice(" ".join(filter(None, (tr(error.message), tr(error.hint)))), tone="bad")
