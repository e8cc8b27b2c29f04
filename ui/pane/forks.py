"""Other ways to continue a conversation: another model, only the newest turns, or another version."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, Status
from desktop.services import Services
from desktop.session.context_window import shortened
from desktop.session.session import copied, new_conversation
from desktop.settings.schema import SYSTEM_PROMPT
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.composer.prompt import Prompt
from ui.pane import tree
from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.composer_controller import ComposerController
from ui.transcript.message.row import version_text


class Forks(QObject):
    """Creates conversations that replace the visible one, and switches between versions."""

    wanted = Signal(object, object)
    """Emitted with a Conversation to show and a Prompt to send in it before the typed one."""
    changed = Signal()
    """Emitted when the conversation has another model or another current version."""
    left_behind = Signal(str, object)
    """Emitted with a sentence about a version that was replaced and a function that restores it."""
    carried = Signal(object)
    """Emitted with the Conversation that a new chat continues with another model."""
    model_chosen = Signal()

    def __init__(self, services: Services, chats: Chats, facts: ModelFacts, writing: ComposerController) -> None:
        super().__init__(chats)
        self._services = services
        self._chats = chats
        self._facts = facts
        self._writing = writing
        self._back: tuple[Chat, str] | None = None
        """A chat whose answer is stopped because it was taken back, and the leaf that was shown before."""
        chats.began.connect(self._offer_back)
        chats.ended.connect(self._ended)

    @Slot(object)
    def choose_model(self, ref: ModelRef) -> None:
        """Switch to another model, continuing in a new chat if this one has messages."""
        chat = self._chats.shown
        if ref == chat.conversation.model:
            return
        if chat.conversation.messages or chat.is_answering:
            self._carry_on(ref)
        else:
            chat.change(model=ref)
            self._writing.keep()
            self.changed.emit()
        self.model_chosen.emit()

    @Slot()
    def shorten(self) -> None:
        """Continue in a new conversation with only the turns that fit into the context window."""
        conversation = self._chats.shown.conversation
        window = self._facts.window(conversation.model)
        if window is not None and not self._chats.shown.is_answering:
            shorter = shortened(conversation, self._facts.entry(conversation.model), window)
            self.wanted.emit(shorter, Prompt())

    def new_chat_from(self, message_id: str) -> None:
        """Start a new chat with the messages up to this one. A prompt goes into the field instead, to be changed."""
        conversation = self._chats.shown.conversation
        path = conversation.path(message_id)
        prompt = path[-1] if path and path[-1].role is Role.USER else None
        path = path[:-1] if prompt is not None else path
        current = path[-1].id if path else None
        taken = msgspec.structs.replace(conversation, messages=path, current=current)
        like = new_conversation(
            conversation.model,
            system=conversation.system,
            parameters=conversation.parameters,
            tools=conversation.tools,
        )
        self.wanted.emit(copied(taken, like), Prompt(prompt.text, prompt.files) if prompt is not None else Prompt())
        if path:
            self.carried.emit(conversation)

    @Slot(str, int)
    def switch(self, message_id: str, step: int) -> None:
        """Show the version of a message that is `step` versions after the current one."""
        chat = self._chats.shown
        leaf = tree.leaf_of_version(chat.conversation, message_id, step, self._chats.leaves)
        if chat.is_answering:
            self._writing.say_until_the_end(
                tr("You can switch versions after the response ends. Press Esc to stop the response.")
            )
        elif leaf is not None:
            self._show_leaf(chat, leaf)

    def _show_leaf(self, chat: Chat, leaf: str) -> None:
        """Make a version current; its chat may be hidden by now."""
        self._chats.leaves.update(tree.leaves_shown(chat.conversation))
        chat.show_leaf(leaf)
        if chat is self._chats.shown:
            self.changed.emit()

    @Slot()
    def _offer_back(self) -> None:
        """Offer to restore the version that was just replaced."""
        chat = self._chats.shown
        live = chat.live
        if live is None or live.begun is None:
            return
        hidden = chat.path[len(live.base) :]
        if not any(each.role is Role.ASSISTANT and each.status is Status.COMPLETE for each in hidden):
            return
        versions = tree.branches_with(chat.conversation, live.begun, self._chats.leaves)
        prompt = live.begun.prompt
        version = versions[(prompt or live.begun.answer).id]
        said, follow = version_text(version, is_prompt=prompt is not None)
        back = partial(self._take_back, chat, chat.path[-1].id)
        self.left_behind.emit(f"{said} {follow}." if follow else said, back)

    def _take_back(self, chat: Chat, leaf: str) -> None:
        """Restore the previous version, after stopping any response in progress."""
        if self._chats.shown.id == chat.id:
            chat = self._chats.shown
        if chat.is_answering:
            self._back = (chat, leaf)
            chat.stop()
        else:
            self._show_leaf(chat, leaf)

    @Slot()
    def _ended(self) -> None:
        back, self._back = self._back, None
        if back is not None and not back[0].is_answering:
            self._show_leaf(*back)

    @Slot()
    def start_empty(self) -> None:
        """Start an empty conversation with the model of the visible one."""
        system = self._services.settings.get(SYSTEM_PROMPT)
        self.wanted.emit(new_conversation(self._chats.shown.conversation.model, system=system), Prompt())

    def _carry_on(self, ref: ModelRef) -> None:
        """Start a new chat with a copy of all messages; this one stays unchanged."""
        conversation = self._chats.shown.conversation
        anew, path = Prompt(), self._chats.shown.asked
        unanswered = _unanswered(conversation)
        if unanswered is not None:  # it is asked anew there, not shown as failed
            before = {"current": unanswered.parent} if unanswered.parent else {"messages": (), "current": None}
            conversation = msgspec.structs.replace(conversation, **before)
            anew, path = Prompt(unanswered.text, unanswered.files), ()
        like = new_conversation(ref, system=conversation.system, tools=conversation.tools)
        new = copied(conversation, like)
        if path and not new.messages:  # all that was said is a prompt whose answer is still waited for
            anew = Prompt(path[-1].text, path[-1].files)
        before = self._chats.shown
        self.wanted.emit(new, anew)
        if before.live is not None and before.live.kept and not before.live.said and not new.messages:
            before.stop()  # its prompt was taken along: it is not asked, and paid for, here too
        if new.messages:
            self.carried.emit(conversation)


def _unanswered(conversation: Conversation) -> Message | None:
    """Return the last prompt if its response failed without text."""
    path = conversation.path()
    if len(path) < 2 or path[-1].status is not Status.FAILED or path[-1].text or path[-2].role is not Role.USER:
        return None
    return path[-2]
