"""The pane: one conversation with its model, shown, answered and kept."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.domain import Conversation, Message, ModelRef, Parameters, Role
from desktop.domain import Status as MessageStatus
from desktop.errors import ParagoneError, StoreFull
from desktop.evaluation.pace import Pace
from desktop.events import Event, Notice, ReasoningDelta, RetryWait, TextDelta
from desktop.services import Services
from desktop.session.room import shortened
from desktop.session.session import copied, new_conversation
from desktop.settings.schema import SYSTEM_PROMPT
from ui.pane import tree
from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.composer import Composer, Target
from ui.pane.context import ContextNotice
from ui.pane.controls import HeaderControls
from ui.pane.figures import FiguresLine
from ui.pane.header import PaneHeader
from ui.pane.models import ModelFacts, figures_text
from ui.pane.shared import Shared
from ui.pane.status import Status
from ui.pane.welcome import Welcome
from ui.pane.writing import Writing
from ui.strings import sentence
from ui.tasks import Tasks
from ui.theme import Theme, Themes
from ui.transcript.view import TranscriptView

_ABOVE = ("store", StoreFull.code)
"""Notices whose code begins so are said above the composer: they are about the conversation, not its answer."""


class Pane(QWidget):
    """Shows one conversation; answers of others that were begun here go on meanwhile."""

    title_changed = Signal(str)
    conversation_saved = Signal(str)
    add_connection_wanted = Signal()
    answering_changed = Signal(bool)
    model_changed = Signal()
    close_wanted = Signal()
    maximise_wanted = Signal()
    duplicate_wanted = Signal(bool)
    """Another pane like this one, with its history or without."""
    move_wanted = Signal(int)
    choose_wanted = Signal()
    """Its last answer is the one that all go on from."""
    shown_changed = Signal()
    """Another conversation is shown, or another version of it."""
    preset_wanted = Signal()
    prompting_changed = Signal()

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        shared: Shared,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._number, self._alone = 1, True
        self._facts = ModelFacts(services)
        self._chats = Chats(services, tasks, shared.answering, new_conversation(self._facts.default()), self)
        theme = themes.current
        self.header = PaneHeader(theme)
        self.transcript = TranscriptView(themes, shared.scheduler, self._facts.name, figures_text)
        self.welcome = Welcome()
        self.figures = FiguresLine()
        self.composer = Composer(theme)
        self._body = QStackedWidget()
        self._body.addWidget(self.welcome)
        self._body.addWidget(self.transcript)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._body, 1)
        column.addWidget(self.figures)
        column.addWidget(self.composer)
        self._writing = Writing(self.composer, self._chats, shared.drafts)
        self._status = Status(self.figures, self.composer, self._chats, self._facts)
        self._context = ContextNotice(self.composer.notices, self._facts)
        self._controls = HeaderControls(services, tasks, themes, self._facts, self.header)
        self._connect()
        self._themed(theme)
        self.start_new()

    @property
    def is_answering(self) -> bool:
        """Whether any answer that was begun here is being made, also of a conversation that is not shown."""
        return self._chats.is_answering

    @property
    def conversation_id(self) -> str:
        """The id of the conversation that is shown."""
        return self._chats.shown.id

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown, as it stands."""
        return self._chats.shown.conversation

    def start_new(self, model: ModelRef | None = None) -> None:
        """An empty conversation with a model, the settings' without one."""
        system = self._services.settings.get(SYSTEM_PROMPT)
        self._show(new_conversation(model or self._facts.default(), system=system))

    def show_conversation(self, conversation: Conversation, message_id: str = "") -> None:
        """Show a conversation of the store, at a message if one is named; one that is being answered as it stands."""
        if conversation.id != self._chats.shown.id or not self._chats.shown.is_answering:
            if message_id and message_id not in {message.id for message in conversation.path()}:
                leaf = tree.leaf_below(conversation, message_id)
                conversation = msgspec.structs.replace(conversation, current=leaf)
            self._show(conversation)
        if message_id:
            self.transcript.go_to(message_id)

    def send(self, text: str, history: Sequence[Message] | None = None) -> None:
        """Send a prompt, with another history than the conversation's own where one is given."""
        self._chats.shown.ask(text, history)

    def retry(self) -> None:
        """Ask again where the last answer failed or broke off."""
        if self.failed:
            self._writing.regenerate()

    def regenerate(self) -> None:
        """Another answer to the last prompt."""
        self._writing.regenerate()

    @property
    def draft(self) -> str:
        """What is typed in its own composer and not sent."""
        return self._writing.draft

    @property
    def last_prompt(self) -> str:
        """The last prompt of the conversation, empty without one."""
        prompts = [message.text for message in self.conversation.path() if message.role is Role.USER]
        return prompts[-1] if prompts else ""

    @property
    def target(self) -> Target:
        """What a prompt to it goes to."""
        conversation = self.conversation
        ref = conversation.model
        return Target(self._facts.name(ref), self._facts.entry(ref), self._facts.history_tokens(conversation))

    def set_place(self, number: int, *, several: bool, alone: bool) -> None:
        """Say which pane it is, from 1, whether it is one of several, and whether it has a composer of its own."""
        self._number, self._alone = number, alone
        self.header.set_several(several=several)
        self.composer.setVisible(alone or self.composer.is_editing)
        self.composer.editor.setAccessibleName(f"Message to pane {number}" if several else "Message")
        self._name()

    @property
    def pace(self) -> Pace | None:
        """How fast the answer comes that is being made; None where there is none."""
        live = self._chats.shown.live
        return live.pace if live is not None else None

    @property
    def failed(self) -> bool:
        """Whether the last answer failed or broke off."""
        path = self.conversation.path()
        return bool(path) and path[-1].status in (MessageStatus.FAILED, MessageStatus.INTERRUPTED)

    @property
    def answers(self) -> bool:
        """Whether the conversation that is shown is being answered."""
        return self._chats.shown.is_answering

    def focus_composer(self) -> None:
        """Put the cursor where prompts are typed."""
        self.composer.editor.setFocus()

    def connections_changed(self) -> None:
        """Connections came, went or changed."""
        self._show_model()

    @Slot()
    def stop(self) -> None:
        """Stop the answer that is shown."""
        self._chats.shown.stop()

    @Slot(str, object)
    def set_prompting(self, system: str, parameters: Parameters) -> None:
        """Give the conversation another system prompt and other parameters."""
        self._chats.shown.set_prompting(system, parameters)
        self._show_model()
        self.prompting_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The composer may take its share of the height."""
        super().resizeEvent(event)
        self.composer.set_room(self.height())

    def _connect(self) -> None:
        self.welcome.example_chosen.connect(self._writing.fill)
        self.welcome.add_connection_wanted.connect(self.add_connection_wanted)
        self.composer.stop_wanted.connect(self.stop)
        self.composer.preset_wanted.connect(self.preset_wanted)
        self.transcript.edit_wanted.connect(self._writing.edit)
        self._writing.edit_ended.connect(self._edit_ended)
        self.transcript.regenerate_wanted.connect(self._writing.regenerate)
        self.transcript.continue_wanted.connect(self._writing.continue_)
        self.transcript.branch_wanted.connect(self._switch)
        self._context.shorten_wanted.connect(self._shorten)
        self._chats.began.connect(self._began)
        self._chats.kept.connect(self._kept)
        self._chats.happened.connect(self._happened)
        self._chats.ended.connect(self._ended)
        self._chats.refused.connect(self._refused)
        self._chats.failed.connect(self._failed)
        self._chats.answering_changed.connect(self.answering_changed)
        self.header.close_wanted.connect(self.close_wanted)
        self.header.maximise_wanted.connect(self.maximise_wanted)
        self.header.duplicate_wanted.connect(self.duplicate_wanted)
        self.header.move_wanted.connect(self.move_wanted)
        self.header.choose_wanted.connect(self.choose_wanted)
        self._controls.model_chosen.connect(self._choose_model)
        self._controls.prompting_changed.connect(self.set_prompting)
        self._themes.changed.connect(self._themed)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.transcript.open_find)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.stop)

    def _show(self, conversation: Conversation) -> None:
        chat = self._chats.show(conversation)
        self._writing.show()
        self._show_path()
        self._show_live()
        self._show_model()
        self._status.show()
        self.shown_changed.emit()
        self.title_changed.emit(chat.conversation.title)

    def _show_path(self) -> None:
        live = self._chats.shown.live
        conversation = self._chats.shown.conversation
        path = live.base if live else conversation.path()
        self.transcript.show_messages(path, tree.branches(conversation))
        empty = not path and live is None
        self._body.setCurrentWidget(self.welcome if empty else self.transcript)
        self.figures.setVisible(not empty)

    def _show_live(self) -> None:
        live = self._chats.shown.live
        if live is not None:
            self.transcript.begin(live.prompt, live.answer_id, self._facts.name(self._chats.shown.conversation.model))
            self.transcript.so_far("".join(live.text), "".join(live.reasoning))

    def _name(self) -> None:
        self.setAccessibleName(f"Pane {self._number}: {self._facts.name(self.conversation.model)}")

    def _show_model(self) -> None:
        conversation = self._chats.shown.conversation
        self._name()
        self._controls.show(conversation)
        theme = self._themes.current
        self.figures.themed(theme, theme.mark(conversation.model))
        self.welcome.set_destination(self._facts.destination(conversation.model))
        self.composer.set_targets([self.target])
        self.composer.show_preset(self._facts.preset(conversation))
        self._context.show(conversation)

    @Slot()
    def _edit_ended(self) -> None:
        self.composer.setVisible(self._alone)

    @Slot(str, int)
    def _switch(self, message_id: str, step: int) -> None:
        leaf = tree.leaf_of_version(self._chats.shown.conversation, message_id, step)
        if leaf is not None and not self._chats.shown.is_answering:
            self._chats.shown.show_leaf(leaf)
            self._show_path()
            self._show_model()
            self._status.show()
            self.shown_changed.emit()

    @Slot(object)
    def _choose_model(self, ref: ModelRef) -> None:
        if ref == self._chats.shown.conversation.model:
            return
        if self._chats.shown.conversation.messages or self._chats.shown.is_answering:
            self._go_on_with(ref)
        else:
            self._chats.shown.change(model=ref)
            self._show_model()
        self.model_changed.emit()
        self.focus_composer()

    def _go_on_with(self, ref: ModelRef) -> None:
        """A new chat with another model; where the old one's connection is gone, it takes the messages along."""
        conversation, typed = self._chats.shown.conversation, self._writing.draft
        if self._facts.connection(conversation.model) is None:
            self._show(copied(conversation, new_conversation(ref, system=conversation.system)))
        else:
            self.start_new(ref)
        if typed:
            self.composer.put(typed)

    @Slot()
    def _shorten(self) -> None:
        """Go on in a new conversation that begins with the turns that still fit."""
        conversation = self._chats.shown.conversation
        window = self._facts.window(conversation.model)
        if window is not None and not self._chats.shown.is_answering:
            typed = self._writing.draft
            self._show(shortened(conversation, self._facts.entry(conversation.model), window))
            self.composer.put(typed)
            self.focus_composer()

    @Slot()
    def _began(self) -> None:
        self._show_path()
        self._show_live()
        self._status.show()

    @Slot(object)
    def _kept(self, chat: Chat) -> None:
        if chat is self._chats.shown:
            self.title_changed.emit(chat.conversation.title)
        self.conversation_saved.emit(chat.id)

    @Slot(object)
    def _happened(self, event: Event) -> None:
        match event:
            case TextDelta(text=text):
                self.transcript.text(text)
                self._status.heard()
            case ReasoningDelta(text=text):
                self.transcript.reasoning(text)
                self._status.heard()
            case RetryWait():
                self.transcript.retrying(event)
            case Notice(code=code, message=message):
                if code.startswith(_ABOVE):
                    self.composer.notices.show_notice(message, tone="warn")
                else:
                    self.transcript.notice(message)
            case _:
                pass

    @Slot(object)
    def _ended(self, message: Message) -> None:
        self.transcript.end(message)
        self._show_path()
        self._show_model()
        self._status.show()

    @Slot(str, object)
    def _refused(self, text: str, error: ParagoneError | None) -> None:
        self._show_path()
        self._status.show()
        if text:
            self._writing.give_back(text)
        if error is not None:
            self._failed(error)

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self.composer.notices.show_notice(sentence(error), tone="bad")

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.header.themed(theme)
        self.welcome.themed(theme)
        self.composer.themed(theme)
        self._controls.themed(theme)
        self._show_model()
