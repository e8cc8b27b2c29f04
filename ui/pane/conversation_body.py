"""Body of a pane: the messages, including a response in progress, or the welcome screen."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain.conversation_types import Message
from desktop.domain.events import (
    Event,
    Finished,
    Notice,
    ReasoningDelta,
    RetryWait,
    TextDelta,
    ToolAnswered,
    ToolCalled,
    ToolWaiting,
)
from ui.base.model_facts import ModelFacts, figures_tip
from ui.base.strings import tr
from ui.base.theme import Themes
from ui.pane import tree
from ui.pane.chat import Chat, Live
from ui.pane.chats import Chats
from ui.pane.error_notices import is_said_above
from ui.pane.pane_resources import PaneResources
from ui.pane.welcome import Welcome
from ui.transcript.transcript_view import TranscriptView

_END = (1 << 30, 0)
"""Reading position, as turn and pixels, after the end of any conversation."""


class ConversationBody(QWidget):
    """Widget that shows the messages of the visible chat, or the welcome screen."""

    emptied = Signal(bool)
    """Emitted with whether there are no messages to read."""
    example_chosen = Signal(str)
    add_connection_wanted = Signal()

    def __init__(
        self, themes: Themes, shared: PaneResources, chats: Chats, facts: ModelFacts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._chats = chats
        self._facts = facts
        self._place: tuple[int, int] | None = None
        self._welcome: Welcome | None = None
        self._several = False
        self._told: Live | None = None
        """The answer that a screen reader was told of."""
        self.transcript = TranscriptView(
            themes,
            shared.scheduler,
            facts.name,
            figures_tip,
            shared.drawings,
            shared.text_size,
            shared.floor,
            shared.looks,
            self,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.transcript)
        chats.began.connect(self.show_chat)
        chats.kept.connect(self._kept)
        chats.on_event(self._happened)
        chats.ended.connect(self._ended)
        chats.refused.connect(self.show_path)

    @property
    def welcome(self) -> Welcome:
        """The welcome screen, created on first use."""
        if self._welcome is None:
            self._welcome = Welcome(self.transcript.ground)
            self._welcome.example_chosen.connect(self.example_chosen)
            self._welcome.add_connection_wanted.connect(self.add_connection_wanted)
            self._welcome.set_several(several=self._several)
            self.show_destination()
        return self._welcome

    def set_several(self, *, several: bool) -> None:
        """Set whether there are other panes."""
        self._several = several
        if self._welcome is not None:
            self._welcome.set_several(several=several)

    def show_destination(self) -> None:
        """Update the note on where prompts are sent."""
        if self._welcome is not None:
            destination = self._facts.destination(self._chats.shown.conversation.model)
            self._welcome.set_destination(destination, offers=self._facts.wants_servers)
            if self._chats.shown.is_temporary:
                self._welcome.say(tr("Nothing in this chat is saved. It is gone when you leave it."))

    @property
    def is_empty(self) -> bool:
        """Whether the welcome screen is visible."""
        return self._welcome is not None and not self._welcome.isHidden()

    def say_gone(self) -> None:
        """Explain that the messages of the conversation were deleted."""
        self.welcome.say(
            tr("The messages in this conversation were deleted. The next prompt starts a new conversation.")
        )

    @Slot()
    def show_chat(self) -> None:
        """Show the chat's current state, including a response in progress."""
        self.show_path()
        live, name = self._chats.shown.live, self._facts.name(self._chats.shown.asked_model)
        if live is not None and live.begun is not None:
            answer = self._chats.shown.so_far or live.begun.answer
            versions = tree.branches_with(self._chats.shown.conversation, live.begun, self._chats.leaves)
            self.transcript.begin(live.begun.prompt, answer.id, name, versions)
            self.transcript.so_far(answer.parts, live.pace)
            for call in (call for call, waiting in live.calls.items() if waiting):
                self.transcript.tool(ToolWaiting(call=call, waiting=True))
            if (wait := live.wait_left()) is not None:
                self.transcript.retrying(wait)
        self._told = None
        self._kept(self._chats.shown)

    @Slot(object)
    def _kept(self, chat: Chat) -> None:
        """Announce a response to screen readers once it is stored. Until then a guard may hold its prompt back."""
        live = chat.live
        if chat is self._chats.shown and live is not None and live.kept and live is not self._told:
            self._told = live
            announcer = self.transcript.announcer
            name = self._facts.name(chat.asked_model)
            announcer.aside(tr("Responding.") if announcer.called else tr("{who} is responding.", who=name))

    @Slot()
    def show_path(self) -> None:
        """Show the messages, or the welcome screen if there are none."""
        live = self._chats.shown.live
        conversation = self._chats.shown.conversation
        path = live.base if live is not None and live.begun is not None else self._chats.shown.path
        empty = not path and live is None
        self.emptied.emit(empty)
        if empty or self._welcome is not None:
            self.transcript.cover(self.welcome, on=empty)
        answers = live is not None and live.begun is not None
        versions = tree.branches(conversation, self._chats.leaves)
        self.transcript.show_messages(path, versions, talk=conversation.id, answers=answers)

    @property
    def path(self) -> tuple[Message, ...]:
        """The stored messages on the conversation's current path."""
        return self._chats.shown.path

    @property
    def asked(self) -> tuple[Message, ...]:
        """The visible path, including the prompt that is being answered."""
        return self._chats.shown.asked

    @property
    def reading_at(self) -> tuple[int, int] | None:
        """Reading position: the turn at the top and the pixels down to its prompt. None at the end."""
        place = self._place or (_END if self.transcript.at_end else self.transcript.turns.top)
        return None if place == _END else place

    def read_at(self, place: tuple[int, int] | None) -> None:
        """Scroll to a reading position as soon as the body is visible."""
        self._place = place or _END
        if self.transcript.isVisible():
            self._go()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to the reading position."""
        super().showEvent(event)
        self._go()

    def _go(self) -> None:
        if self._place is not None and not self.is_empty:
            place, self._place = self._place, None
            if place != _END or not self.transcript.at_end:
                self.transcript.turns.show(*place)

    def _happened(self, event: Event) -> None:
        match event:
            case TextDelta(text=text):
                self.transcript.text(text)
            case ReasoningDelta(text=text):
                self.transcript.reasoning(text)
            case ToolCalled() | ToolWaiting() | ToolAnswered():
                self.transcript.tool(event)
            case Finished():
                self.transcript.ending()
            case RetryWait():
                self.transcript.retrying(event)
            case Notice(code=code, message=message) if not is_said_above(code):
                self.transcript.notice(tr(message))
            case _:
                pass

    @Slot(object)
    def _ended(self, message: Message) -> None:
        self.transcript.end(message)
        self.show_path()
