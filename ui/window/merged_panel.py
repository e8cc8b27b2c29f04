"""Panel with the newest merged response of a comparison, in a pane of its own beside the others."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent

from desktop.domain.conversation_types import Conversation
from desktop.errors import ConversationUnknown, ParagoneError
from desktop.services import Services
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.compare.panel_frame import Panel
from ui.composer.prompt import Prompt
from ui.widgets.buttons import button
from ui.workspace.workspace import Workspace

_WIDTH, _NARROWEST = 420, 320


class MergedPanel(Panel):
    """Shows the conversation with a merged response, which is an ordinary chat in the list too."""

    chat_wanted = Signal(str)
    """Emitted with the ID of the conversation when it is to be shown alone."""
    failed = Signal(ParagoneError)

    def __init__(self, services: Services, tasks: Tasks, theme: Theme, workspace: Workspace) -> None:
        super().__init__(tr("Merged response"), tr("Close merged response"), theme, _WIDTH)
        self.setMinimumWidth(_NARROWEST)
        self._services = services
        self._tasks = tasks
        self._workspace = workspace
        self._shown = ""
        """ID of the conversation that the panel has put into its pane."""
        self.pane = workspace.line.made()
        self.pane.set_crowded(crowded=False)
        self.open_chat = button(tr("Open as chat"), "link")
        self.open_chat.clicked.connect(lambda: self.chat_wanted.emit(self.pane.conversation_id))
        self.bar.insertWidget(self.bar.count() - 1, self.open_chat)
        self.column.addWidget(self.pane)
        self.pane.show()

    def ask(self, conversation: Conversation, prompt: str) -> None:
        """Show a new conversation and send it the merge prompt."""
        self._show(conversation)
        self.pane.send(Prompt(prompt))

    @Slot()
    def refresh(self) -> None:
        """Show the newest merged response of the comparison, unless it is visible already."""
        comparison = self._workspace.comparison
        newest = comparison.merges[-1] if comparison is not None and comparison.merges else ""
        if self.isVisible() and newest and newest != self._shown:
            self._tasks.start(self._load(newest), name="window.merged", failed=self.failed.emit)

    def showEvent(self, event: QShowEvent) -> None:
        """Load the conversation, which may have changed since."""
        super().showEvent(event)
        self._workspace.beside = (self.pane,)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the conversation, so that it is shown only once if it is opened as a chat. A response continues."""
        super().hideEvent(event)
        self._workspace.beside = ()
        if not event.spontaneous():
            QTimer.singleShot(0, self, self._leave)  # while a window closes, Qt crashes if its widgets change

    @Slot()
    def _leave(self) -> None:
        if not self.isVisible() and self.window().isVisible():
            self._shown = ""
            self.pane.start_new()

    async def _load(self, id_: str) -> None:
        if (answering := self._workspace.answering.get(id_)) is not None:
            conversation = answering.conversation
        else:
            try:
                conversation = await (await self._services.store()).conversations.get(id_)
            except ConversationUnknown:
                self._forget(id_)
                return
        comparison = self._workspace.comparison
        if self.isVisible() and comparison is not None and comparison.merges[-1:] == (id_,):
            self._show(conversation)

    def _show(self, conversation: Conversation) -> None:
        self._shown = conversation.id
        pane, place = self.pane, len(self._workspace.line) + 1
        pane.mark = self._workspace.marks.kept.get(conversation.model)
        pane.set_place(place, several=False, alone=True)
        pane.composer.editor.setAccessibleName(tr("Message to the merged chat"))
        pane.transcript.fold_first(on=True)
        pane.show_conversation(conversation)

    def _forget(self, id_: str) -> None:
        """Remove a conversation that was deleted."""
        comparison = self._workspace.comparison
        if comparison is not None and id_ in comparison.merges:
            left = tuple(each for each in comparison.merges if each != id_)
            self._workspace.kept.change(merges=left, panel=comparison.panel if left else "")
            self._workspace.panes_changed.emit()
