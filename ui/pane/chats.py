"""The conversations in use: the visible one, and those that have a response in progress."""

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
from ui.pane.temporary_mode import TemporaryMode


class Chats(QObject):
    """Forwards the signals of the visible chat.

    For other chats, it only reports stored messages and returned prompts.
    """

    began = Signal()
    ended = Signal(object)
    refused = Signal(object, object)
    """Emitted with a Prompt that was not sent, and with the ParagoneError, or None if the user stopped it."""
    failed = Signal(object)
    kept = Signal(object)
    """Emitted with a Chat, visible or not, after something in it was stored."""
    given_back = Signal(object, object)
    """Emitted with a Chat that is not visible and the Prompt that it could not send."""
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
        mode: TemporaryMode | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
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
        """Whether any response is in progress."""
        return bool(self._answering)

    def on_event(self, hear: Callable[[Event], None]) -> None:
        """Call a function with each stream event of the visible chat. A signal would be too slow.

        The receiver must live as long as this object.
        """
        self._hearers.append(hear)

    def show(self, conversation: Conversation) -> Chat:
        """Make a conversation visible.

        If it has a response in progress or a prompt held back, that state is preserved.
        """
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
        temporary = self._mode is not None and self._mode.is_on
        if temporary and self._mode is not None:
            self._mode.ids.add(conversation.id)
        stored = bool(conversation.messages) and self._drafts.begins(conversation.id) is None and not temporary
        return self._heard(Chat(conversation, self._services, self._tasks, stored=stored, temporary=temporary))

    def _heard(self, chat: Chat) -> Chat:
        """Return a chat after connecting to its signals, unless they are connected already."""
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
        """Skip the visible chat's wait before a retry."""
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
        """Report whether responses are in progress. Called last, because queued prompts are then sent at once."""
        self.answering_changed.emit(self.is_answering)
