"""How a conversation goes on otherwise: with another model, with its newest turns alone, in another version."""

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
    """Makes the conversation that takes the place of the one that is shown."""

    wanted = Signal(object, object)
    """A Conversation that is to be shown, and the Prompt that is to be asked anew in it, before what was typed."""
    changed = Signal()
    """The same conversation has another model, or another version of it is current."""
    left_behind = Signal(str, object)
    """Another version takes the place of what was said, in a sentence, and what takes that back."""
    carried = Signal(object)
    """The Conversation that is to be shown carries on from this one, with another model."""
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
        """Go on with another model: in a new chat where anything was said in this one."""
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
        """Go on in a new conversation that begins with the turns that still fit."""
        conversation = self._chats.shown.conversation
        window = self._facts.window(conversation.model)
        if window is not None and not self._chats.shown.is_answering:
            shorter = shortened(conversation, self._facts.entry(conversation.model), window)
            self.wanted.emit(shorter, Prompt())

    @Slot(str, int)
    def switch(self, message_id: str, step: int) -> None:
        """Show the version of a message that is so many further."""
        chat = self._chats.shown
        leaf = tree.leaf_of_version(chat.conversation, message_id, step, self._chats.leaves)
        if chat.is_answering:
            self._writing.say_until_the_end(tr("You can switch versions once the response has ended. Esc stops it."))
        elif leaf is not None:
            self._show_leaf(chat, leaf)

    def _show_leaf(self, chat: Chat, leaf: str) -> None:
        """Make a version current, where it is shown or not."""
        self._chats.leaves.update(tree.leaves_shown(chat.conversation))
        chat.show_leaf(leaf)
        if chat is self._chats.shown:
            self.changed.emit()

    @Slot()
    def _offer_back(self) -> None:
        """Another version of what was said takes its place: offer to take that back."""
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
        """Show what was shown before; an answer that is being made is stopped first."""
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
        """Go on with the same model, and without what was said before."""
        system = self._services.settings.get(SYSTEM_PROMPT)
        self.wanted.emit(new_conversation(self._chats.shown.conversation.model, system=system), Prompt())

    def _carry_on(self, ref: ModelRef) -> None:
        """A new chat that begins with all that was said in this one, which stays as it is."""
        conversation = self._chats.shown.conversation
        anew, asked = Prompt(), self._chats.shown.asked
        unanswered = _unanswered(conversation)
        if unanswered is not None:  # it is asked anew there, not shown as failed
            before = {"current": unanswered.parent} if unanswered.parent else {"messages": (), "current": None}
            conversation = msgspec.structs.replace(conversation, **before)
            anew, asked = Prompt(unanswered.text, unanswered.files), ()
        made = copied(conversation, new_conversation(ref, system=conversation.system))
        if asked and not made.messages:  # all that was said is a prompt whose answer is still waited for
            anew = Prompt(asked[-1].text, asked[-1].files)
        before = self._chats.shown
        self.wanted.emit(made, anew)
        if before.live is not None and before.live.kept and not before.live.said and not made.messages:
            before.stop()  # its prompt was taken along: it is not asked, and paid for, here too
        if made.messages:
            self.carried.emit(conversation)


def _unanswered(conversation: Conversation) -> Message | None:
    """The last prompt where nothing came of it but an error."""
    path = conversation.path()
    if len(path) < 2 or path[-1].status is not Status.FAILED or path[-1].text or path[-2].role is not Role.USER:
        return None
    return path[-2]
