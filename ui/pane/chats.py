"""The conversations in use: the one that is shown, and those whose answers go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.events import Event
from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base.tasks import Tasks
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom


class Chats(QObject):
    """Tells what happens in the chat that is shown; of the others only that they were kept or gave a text back."""

    began = Signal()
    ended = Signal(object)
    refused = Signal(object, object)
    """The Prompt that goes back to who typed it, and the ParagoneError or None."""
    failed = Signal(object)
    kept = Signal(object)
    """Something of this Chat was kept, shown or not."""
    given_back = Signal(object, object)
    """A Chat that is not shown could not send this Prompt."""
    answering_changed = Signal(bool)

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        answering: dict[str, Chat],
        held: dict[str, Chat],
        drafts: Drafts,
        first: Conversation,
        parent: QObject,
        room: DiskRoom | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._answering = answering
        self._held = held
        self._drafts = drafts
        self._room = room
        self._listened: WeakSet[Chat] = WeakSet()
        self._hearers: list[Callable[[Event], None]] = []
        self.leaves: dict[str, str] = {}
        """By a version's id: the last message of what was shown below it when another one was gone to."""
        self.shown = self._made(first)

    @property
    def is_answering(self) -> bool:
        """Whether any answer is being made."""
        return bool(self._answering)

    def on_event(self, hear: Callable[[Event], None]) -> None:
        """Call this with each event of the answer that is shown: no signal, since hundreds come a second.

        Whoever asks for it has to live as long as this does.
        """
        self._hearers.append(hear)

    def show(self, conversation: Conversation) -> Chat:
        """Make a conversation the one that is shown; one that is answered, or holds a prompt back, as it stands."""
        held = self._held.get(conversation.id)
        if held is not None and held.conversation.messages != conversation.messages:
            held = None  # something was said in it elsewhere
        running = self._answering.get(conversation.id, held)
        if running is None:
            self.shown = self._made(conversation)
        elif running is not self.shown:
            self.shown = self._heard(running)  # another pane may have begun it
        return self.shown

    def _made(self, conversation: Conversation) -> Chat:
        stored = bool(conversation.messages) and self._drafts.begins(conversation.id) is None
        return self._heard(Chat(conversation, self._services, self._tasks, stored=stored))

    def _heard(self, chat: Chat) -> Chat:
        """Listen to a chat, once."""
        if chat in self._listened:
            return chat
        self._listened.add(chat)
        chat.began.connect(self._began)
        chat.kept.connect(self.kept)
        chat.on_event(self._happened)
        chat.ended.connect(self._ended)
        chat.refused.connect(self._refused)
        chat.failed.connect(self._failed)
        return chat

    @Slot()
    def hurry(self) -> None:
        """Ask at once for what waits to be asked for again in the chat that is shown."""
        self.shown.hurry()

    @Slot(object)
    def _began(self, chat: Chat) -> None:
        self._answering[chat.id] = chat
        self._held.pop(chat.id, None)
        if chat is self.shown:
            self.began.emit()
        self.answering_changed.emit(self.is_answering)

    def _happened(self, chat: Chat, event: Event) -> None:
        if chat is self.shown:
            for hear in self._hearers:
                hear(event)

    @Slot(object, object)
    def _ended(self, chat: Chat, message: Message) -> None:
        self._answering.pop(chat.id, None)
        if self._room is not None and not chat.is_kept:
            self._room.keep(chat.keep)
        if chat is self.shown:
            self.ended.emit(message)
        self.kept.emit(chat)
        self._tell_answering()

    @Slot(object, object, object)
    def _refused(self, chat: Chat, prompt: Prompt, error: ParagoneError | None) -> None:
        self._answering.pop(chat.id, None)
        if prompt and error is not None:
            self._held[chat.id] = chat
        if chat is self.shown:
            self.refused.emit(prompt, error)
        elif prompt:
            self.given_back.emit(chat, prompt)
        self._tell_answering()

    @Slot(object, object)
    def _failed(self, chat: Chat, error: ParagoneError) -> None:
        if chat is self.shown:
            self.failed.emit(error)

    def _tell_answering(self) -> None:
        """Last of all: a prompt that waited is sent at once, and its answer is begun while this is told."""
        self.answering_changed.emit(self.is_answering)
