"""Pane for one conversation with its model, transcript, figures and composer."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Parameters, ToolChoice
from desktop.domain.conversation_types import Status as MessageStatus
from desktop.errors import ParagoneError
from desktop.metrics.pace import Pace
from desktop.services import Services
from desktop.session.session import new_conversation
from desktop.settings.policy import REQUESTS
from desktop.settings.schema import SYSTEM_PROMPT
from ui.base.commands import Command, own_keys
from ui.base.model_facts import ModelFacts, tool_names
from ui.base.strings import number_text, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.composer.composer import Composer
from ui.composer.given_line import GivenLine
from ui.composer.prompt import Prompt
from ui.composer.send_line import SendTarget
from ui.pane import tree
from ui.pane.answer_status import AnswerStatus
from ui.pane.attachment_intake import AttachmentIntake
from ui.pane.chat import Chat
from ui.pane.chats import Chats
from ui.pane.composer_controller import ComposerController
from ui.pane.conversation_body import ConversationBody
from ui.pane.error_notices import ErrorNotices
from ui.pane.figures_line import FiguresLine
from ui.pane.forks import Forks
from ui.pane.header_controls import HeaderControls
from ui.pane.message_actions import MessageActions, tell
from ui.pane.pane_header import PaneHeader
from ui.pane.pane_resources import PaneResources
from ui.pane.shown_files import ShownFiles
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.notice_bar import NoticeBar, NoticeStack
from ui.widgets.open_things import close_innermost
from ui.widgets.typing_keys import hand_on, is_typed

if TYPE_CHECKING:
    from ui.pane.request_dialog import RequestDialog

_LATER_MS = 60
"""Delay before the tokens of a conversation are counted, so that its messages are painted first."""


class ContextNotice(QObject):
    """Notice about omitted turns. Once dismissed, it reappears only for more turns or another conversation."""

    shorten_wanted = Signal()

    def __init__(self, notices: NoticeStack, facts: ModelFacts) -> None:
        super().__init__(notices)
        self._notices = notices
        self._facts = facts
        self._bar: NoticeBar | None = None
        self._said: tuple[str, int] = ("", 0)
        self._conversation: Conversation | None = None
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._show)

    def show(self, conversation: Conversation) -> None:
        """Update the notice later, after the conversation is painted, because counting its tokens may take a while."""
        if conversation.id != self._said[0]:
            self._said = ("", 0)  # at once: who comes back before it was counted is told again
        self._conversation = conversation
        QTimer.singleShot(0, self._soon, self._soon.start)  # from when the window is free: panes may take as long

    @Slot()
    def _show(self) -> None:
        conversation = self._conversation
        if conversation is None:
            return
        answers = self._facts.connection(conversation.model) is not None
        turns = self._facts.left_out(conversation) if answers else 0
        if (conversation.id, turns) == self._said:
            return
        self._said = (conversation.id, turns)
        if self._bar is not None:
            self._bar.dismiss()
            self._bar = None
        if turns:
            self._bar = self._notices.show_notice(
                self._text(conversation, turns), tone="warn", action=tr("Shorten"), act=self.shorten_wanted.emit
            )
            self._bar.dismissed.connect(self._gone)

    def _text(self, conversation: Conversation, turns: int) -> str:
        window = self._facts.window(conversation.model) or 0
        name = self._facts.name(conversation.model)
        return trn(
            "{model} has a context window of {window} tokens: the oldest turn will not be sent. Choose "
            "Shorten to continue in a new chat with the newest turns.",
            "{model} has a context window of {window} tokens: the oldest {n} turns will not be sent. "
            "Choose Shorten to continue in a new chat with the newest turns.",
            turns,
            model=name,
            window=number_text(window),
        )

    @Slot()
    def _gone(self) -> None:
        self._bar = None


class ShownRequests(QObject):
    """Opens the dialogs for the requests of one pane's responses."""

    def __init__(self, services: Services, tasks: Tasks, transcript: TranscriptView) -> None:
        super().__init__(transcript)
        self._services = services
        self._tasks = tasks
        self._transcript = transcript
        transcript.handling.offer_requests()
        transcript.handling.request_asked.connect(self._ask)

    @Slot(str)
    def _ask(self, message_id: str) -> None:
        self._tasks.start(self._show(message_id), name="pane.request", failed=self._say)

    async def _show(self, message_id: str) -> None:
        self._services.settings.policy.require(REQUESTS)
        sent = await (await self._services.store()).receipts.get(message_id)
        dialog = self._dialog()
        if sent is None:
            dialog.say_none()
        else:
            dialog.show_request(sent)
        dialog.open()

    def _say(self, error: ParagoneError) -> None:
        dialog = self._dialog()
        dialog.say(sentence(error))
        dialog.open()

    def _dialog(self) -> RequestDialog:
        from ui.pane.request_dialog import RequestDialog  # the first paint needs none

        return RequestDialog(self._transcript)


class PromptBase(QObject):
    """Counts the context that is sent with the next prompt, which is less while an earlier prompt is being edited."""

    def __init__(self, composer: Composer, facts: ModelFacts, writing: ComposerController) -> None:
        super().__init__(composer)
        self._composer = composer
        self._facts = facts
        self._writing = writing
        self.notice = ContextNotice(composer.notices, facts)
        writing.editing_changed.connect(self.show)

    def target(self, conversation: Conversation) -> SendTarget:
        """Return the target for a prompt that follows all messages of a conversation."""
        ref = conversation.model
        tokens = partial(self._facts.history_tokens, conversation)
        answers, window = self._facts.connection(ref) is not None, self._facts.window(ref)
        return SendTarget(self._facts.name(ref), self._facts.entry(ref), tokens, window, answers)

    @Slot()
    def show(self) -> None:
        """Update the count and the notice about omitted turns."""
        base = self._writing.base
        self._composer.set_targets([self.target(base)])
        self.notice.show(base)


class Pane(QWidget):
    """Widget for one conversation.

    Responses of conversations that were shown here before continue in the background.
    """

    title_changed = Signal(str)
    conversation_saved = Signal(str)
    beside_wanted = Signal(object)
    """Emitted with a ModelRef for which a pane is to be added beside this one."""
    replay_wanted = Signal(object)
    """Emitted with the ModelRef whose conversations are to be replayed with a successor."""
    add_connection_wanted = Signal()
    connection_wanted = Signal(str)
    """Emitted with the name of a connection that caused an error and is to be shown in the settings."""
    answering_changed = Signal(bool)
    model_changed = Signal()
    model_picked = Signal(object)
    """Emitted with the ModelRef that the user chose from the list."""
    shown_changed = Signal()
    """Emitted when another conversation or version is shown."""
    rerun_wanted = Signal(str)
    """Emitted with the ID of a response whose request is to be sent again."""
    preset_wanted = Signal()
    tools_wanted = Signal()
    quote_wanted = Signal(str)
    """Emitted with a text to quote in a prompt field outside this pane."""
    composer_wanted = Signal()
    """Emitted when the focus is to move to a prompt field outside this pane."""
    prompting_changed = Signal()
    undo_offered = Signal(str, object)
    """Emitted with a sentence about discarded text or a replaced version, and a function that restores it."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        shared: PaneResources,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._themes = themes
        self._drafts = shared.drafts
        self._number, self._several, self._crowded = 1, False, False
        self.resumed = False
        """Whether the new chat has its model from the draft that stands in it."""
        self.mark: int | None = None
        """Which of the eight pane colours it has; None for its model's own. Header and figures are told another one."""
        self._facts = ModelFacts(services)
        first = new_conversation(self._facts.default())
        known = (shared.answering, shared.held, shared.drafts)
        self._chats = Chats(services, tasks, *known, first, self, shared.room, shared.mode)
        theme = themes.current
        self.header = PaneHeader(theme, self)
        self.body = ConversationBody(themes, shared, self._chats, self._facts, self)
        self.transcript = self.body.transcript
        self.figures = FiguresLine(shared.text_size, self)
        self.composer = Composer(theme, shared.looks, shared.text_size, self, in_column=True)
        shared.spelling(self.composer.editor)
        self.given = GivenLine(self.composer, lambda: self._chats.shown.session.takes, shared.text_size)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.body, 1)
        column.addWidget(self.figures)
        column.addWidget(self.given)
        column.addWidget(self.composer)
        self.composer.raise_()  # a screen reader reads them in this order
        self.writing = ComposerController(self.composer, self._chats, shared.drafts, shared.mode, shared.new)
        self._going_on = Forks(services, self._chats, self._facts, self.writing)
        self._status = AnswerStatus(self.figures, self.composer, self._chats, self._facts)
        self._files = AttachmentIntake(services, tasks, self.composer, shared, lambda: self.given.text, self)
        self.files = ShownFiles(self.composer, shared, lambda: [self.given.model(self.target)], self.transcript)
        self._requests = ShownRequests(services, tasks, self.transcript)
        self._saying = ErrorNotices(self.composer, self._chats, shared.room)
        self._base = PromptBase(self.composer, self._facts, self.writing)
        self._controls = HeaderControls(services, tasks, themes, self._facts, self.header, shared.marks)
        acting = (self.composer, self._going_on, self._controls.ask_model)
        self._acting = MessageActions(services, tasks, self._chats, *acting)
        self._connect()
        self._themed(theme)
        self.start_new(resumes=True)

    @property
    def colour(self) -> str:
        """The pane's color, which is its model's color unless another pane has it."""
        theme = self._themes.current
        return theme.mark(self.conversation.model) if self.mark is None else theme.panes[self.mark]

    @property
    def is_answering(self) -> bool:
        """Whether any response is in progress, including those of conversations that are not visible."""
        return self._chats.is_answering

    @property
    def chat(self) -> Chat:
        """The visible chat."""
        return self._chats.shown

    @property
    def conversation_id(self) -> str:
        """ID of the visible conversation."""
        return self._chats.shown.id

    @property
    def conversation(self) -> Conversation:
        """Current state of the visible conversation."""
        return self._chats.shown.conversation

    @property
    def target(self) -> SendTarget:
        """Target for a prompt that is sent to this pane."""
        return self._base.target(self.conversation)

    @property
    def pace(self) -> Pace | None:
        """Speed of the response in progress, or None if there is none."""
        live = self._chats.shown.live
        return live.pace if live is not None else None

    @property
    def failed(self) -> bool:
        """Whether the last response failed or was interrupted."""
        path = self._chats.shown.path
        return bool(path) and path[-1].status in (MessageStatus.FAILED, MessageStatus.INTERRUPTED)

    @property
    def answers(self) -> bool:
        """Whether the visible conversation has a response in progress."""
        return self._chats.shown.is_answering

    def start_new(self, model: ModelRef | None = None, *, resumes: bool = False) -> None:
        """Show an empty conversation with a model, by default the default model.

        With `resumes`, the draft for new chats, if any, provides the model, the system prompt and the
        parameters.
        """
        system = self._services.settings.get(SYSTEM_PROMPT)
        made = new_conversation(model or self._facts.default(), system=system)
        to = self._drafts.target(self.writing.keys.new) if resumes and not self._several else None
        self.resumed = to is not None and self._facts.usable(to.model) == to.model
        self.writing.keys.begin(made.id)
        self._show(to.given(made) if to is not None and self.resumed else made)

    def show_conversation(self, conversation: Conversation, message_id: str = "") -> None:
        """Show a stored conversation, scrolled to a message if one is given. A response in progress stays visible."""
        if conversation.id != self._chats.shown.id or not self._chats.shown.is_answering:
            if message_id and message_id not in {message.id for message in conversation.path()}:
                leaf = tree.leaf_below(conversation, message_id)
                conversation = msgspec.structs.replace(conversation, current=leaf)
            self._show(conversation)
        if message_id:
            self.transcript.go_to(message_id)

    def send(self, prompt: Prompt, history: Sequence[Message] | None = None, turn: str = "") -> None:
        """Send a prompt. `history` and `turn` are as in `Chat.ask`."""
        self._chats.shown.ask(prompt, history, turn)

    def set_place(self, number: int, *, several: bool, alone: bool) -> None:
        """Set the pane's number, from 1, whether there are several panes, and whether it has a composer of its own."""
        self._number, self._several = number, several
        self.header.set_several(several=several)
        self.figures.set_several(several=several)
        self.composer.notices.waits = several
        self.body.set_several(several=several)
        self.writing.take_place(several=several, alone=alone)
        own = tr("Message to pane {number}", number=number) if several else tr("Message")
        self.composer.editor.setAccessibleName(own)
        self._name()

    def set_crowded(self, *, crowded: bool) -> None:
        """Collapse header and figures to one line, or show each in its own line."""
        if crowded is self._crowded:
            return
        self._crowded = crowded
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        self.figures.set_in_header(on=crowded)
        if crowded:
            self.header.collapse(self.figures)
        else:
            column.insertWidget(column.indexOf(self.body) + 1, self.figures)
            self.header.expand()
        self.composer.raise_()

    def focus_composer(self) -> None:
        """Move the focus to the prompt field."""
        if self.composer.isHidden():
            self.composer_wanted.emit()
        else:
            self.composer.editor.setFocus()

    def take_keyboard(self, *, to_type: bool = True) -> None:
        """Focus the composer, or else the transcript or the model button.

        Without `to_type`, the composer is not focused: typing goes to it anyway, and Enter sends nothing.
        """
        if to_type and not self.composer.isHidden():
            self.composer.editor.setFocus()
        else:
            (self.header.model if self.body.is_empty else self.transcript).setFocus()

    @Slot()
    def show_model(self) -> None:
        """Update the header after the model, the settings or the connections have changed."""
        conversation = self._chats.shown.conversation
        self._name()
        self._controls.show(conversation, self.colour)
        self.figures.themed(self._themes.current, self.colour)
        self.body.show_destination()
        self.composer.line.show_preset(self._facts.preset(conversation))
        self.composer.line.show_tools(tool_names(conversation.tools))
        self.given.say_tools(self._facts.tools_lacked(conversation))
        self._base.show()
        self.given.refresh()

    @Slot(str)
    def _quote(self, text: str) -> None:
        if self.composer.isHidden():
            self.quote_wanted.emit(text)
        else:
            self.composer.editor.quote(text)

    @Slot()
    def stop(self) -> None:
        """Stop the visible response."""
        self._chats.shown.stop()

    @Slot(str, object)
    def set_prompting(self, system: str, parameters: Parameters) -> None:
        """Set the conversation's system prompt and parameters."""
        self._chats.shown.set_prompting(system, parameters)
        self.writing.keep()
        self.show_model()
        self.prompting_changed.emit()

    def set_tools(self, tools: ToolChoice) -> None:
        """Set the tools that the conversation offers its model."""
        self._chats.shown.set_tools(tools)
        self.writing.keep()
        self.show_model()
        self.prompting_changed.emit()

    def set_schema(self, schema: str) -> None:
        """Set the JSON Schema that responses must match; empty for free text."""
        chat = self._chats.shown
        if chat.conversation.tools.schema != schema:
            chat.set_tools(msgspec.structs.replace(chat.conversation.tools, schema=schema))
            self.writing.keep()
            self.show_model()
            self.shown_changed.emit()
            self.prompting_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass typed characters to the prompt field, and handle the shortcut of Stop."""
        if is_typed(event) and not self.composer.isHidden():
            hand_on(event, self.composer.editor)
        elif QKeySequence(event.keyCombination()) == own_keys(Command.STOP) and self.transcript.holds_keyboard:
            if close_innermost(self.transcript):
                pass
            elif self.composer.is_editing:
                self.writing.cancel_edit()
            else:
                self.stop()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the height available to the composer."""
        super().resizeEvent(event)
        self.composer.set_room(self.height())

    def _connect(self) -> None:
        self.body.example_chosen.connect(self.writing.fill)
        self.body.add_connection_wanted.connect(self.add_connection_wanted)
        self.composer.stop_wanted.connect(self.stop)
        self.composer.preset_wanted.connect(self.preset_wanted)
        self.composer.tools_wanted.connect(self.tools_wanted)
        self.composer.notices.left.connect(partial(self.take_keyboard, to_type=False))
        self.composer.reading_wanted.connect(self.transcript.turn_page)
        self.figures.stop_wanted.connect(self.stop)
        self.figures.left.connect(partial(self.take_keyboard, to_type=False))
        self.transcript.edit_wanted.connect(self.writing.edit)
        self.transcript.regenerate_wanted.connect(self.writing.regenerate)
        self.transcript.continue_wanted.connect(self.writing.continue_)
        self.transcript.handling.quote_wanted.connect(self._quote)
        self.transcript.handling.other_wanted.connect(self._acting.act)
        self._acting.changed.connect(self._show_version)
        self._acting.failed.connect(partial(tell, self.composer))
        self.transcript.handling.rerun_asked.connect(self.rerun_wanted)
        self.transcript.hurry_wanted.connect(self._chats.hurry)
        wanted = self.connection_wanted
        self.transcript.model_wanted.connect(self._controls.open_models)
        self.transcript.connection_wanted.connect(lambda: wanted.emit(self.conversation.model.connection))
        self.transcript.branch_wanted.connect(self._going_on.switch)
        self.body.emptied.connect(self.figures.set_unread)
        self.writing.left.connect(self.composer_wanted)
        self._saying.anyway.connect(self.writing.send_anyway)
        self._saying.model_wanted.connect(self._controls.open_models)
        self._base.notice.shorten_wanted.connect(self._going_on.shorten)
        self._going_on.wanted.connect(self._go_on)
        self._going_on.left_behind.connect(self._offer_back)
        self.composer.back.undo_offered.connect(self.undo_offered)
        self._going_on.carried.connect(self._say_carried)
        self._going_on.changed.connect(self._show_version)
        self._going_on.model_chosen.connect(self.model_changed)
        self._going_on.model_chosen.connect(self.focus_composer)
        self._chats.kept.connect(self._kept)
        self._chats.ended.connect(self.show_model)
        self._chats.answering_changed.connect(self.answering_changed)
        self._controls.model_chosen.connect(self.model_picked)
        self._controls.model_chosen.connect(self._going_on.choose_model)
        self._controls.add_connection_wanted.connect(self.add_connection_wanted)
        self._controls.beside_wanted.connect(self.beside_wanted)
        self._controls.replay_wanted.connect(self.replay_wanted)
        self._controls.prompting_changed.connect(self.set_prompting)
        self._themes.changed.connect(self._themed)

    def _show(self, conversation: Conversation, draft: Prompt | None = None) -> None:
        self._controls.close()
        chat = self._chats.show(conversation)
        self._name()  # first: of an answer that is being made it is told whose it is
        self.writing.show(draft)
        if self.writing.draft and chat.refusal is not None:
            self._saying.say_refusal(*chat.refusal)
        self.body.show_chat()
        self.show_model()
        self._status.show()
        self.shown_changed.emit()
        self.title_changed.emit(chat.conversation.title)

    def _name(self) -> None:
        name = self._facts.name(self.conversation.model)
        called = tr("Pane {number}: {model}", number=self._number, model=name)
        self.setAccessibleName(called)
        for each in (self.transcript.announcer, self.composer.notices):
            each.called = called if self._several else ""

    @Slot(object, object)
    def _go_on(self, conversation: Conversation, anew: Prompt) -> None:
        self._show(conversation, self.writing.hand_over(conversation, anew))
        self.focus_composer()

    @Slot(object)
    def _say_carried(self, before: Conversation) -> None:
        """Show which history a new chat continues, and offer to start without it."""
        said = tr(
            "This new chat with {model} continues “{title}” and includes its messages.",
            model=self._facts.name(self.conversation.model),
            title=before.title,
        )
        bar = self.composer.notices.show_notice(
            said, action=tr("Start without history"), act=self._going_on.start_empty
        )
        self.answering_changed.connect(bar.dismiss)  # once a prompt was sent there is something to lose

    @Slot(str, object)
    def _offer_back(self, said: str, back: Callable[[], None]) -> None:
        """Forward an offer to undo, with the pane's name if there are several panes."""
        self.undo_offered.emit(f"{self.accessibleName()}: {said}" if self._several else said, back)

    @Slot()
    def _show_version(self) -> None:
        self.body.show_path()
        self.show_model()
        self._status.show()
        self.shown_changed.emit()

    @Slot(object)
    def _kept(self, chat: Chat) -> None:
        if chat is self._chats.shown:
            self.title_changed.emit(chat.conversation.title)
        if not chat.is_temporary:
            self.conversation_saved.emit(chat.id)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.header.themed(theme)
        self.composer.themed(theme)
        self._controls.themed(theme)
        self.show_model()
