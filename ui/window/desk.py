"""What the window does with conversations and comparisons: opens, keeps, trashes them, with undo."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Slot

from desktop.domain import Conversation, ModelRef
from desktop.errors import ConversationUnknown, ParagoneError
from desktop.services import Services
from desktop.workspace import Comparison, PaneState, new_comparison
from ui import strings
from ui.pane.models import ModelFacts
from ui.pane.pane import Pane
from ui.sidebar.entries import UNTITLED
from ui.sidebar.sidebar import Sidebar
from ui.tasks import Tasks
from ui.widgets.notice_bar import NoticeStack
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

_UNDO_MS = 10_000


class Desk(QObject):
    """Between the sidebar, the workspace and the store."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        sidebar: Sidebar,
        workspace: Workspace,
        bar: TitleBar,
        notices: NoticeStack,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._sidebar = sidebar
        self._workspace = workspace
        self._bar = bar
        self._notices = notices
        self._facts = ModelFacts(services)
        self._opening: asyncio.Task[None] | None = None
        self._connect()

    @property
    def shown_id(self) -> str:
        """The id of what is shown: of the comparison, else of the conversation."""
        comparison = self._workspace.comparison
        return comparison.id if comparison else self._workspace.pane.conversation_id

    @Slot()
    def new_chat(self) -> None:
        """Begin an empty conversation."""
        self._give_up_opening()
        self._workspace.start_new()
        self._sidebar.mark_opened("")
        self._workspace.focus_composer()

    @Slot()
    def new_comparison(self) -> None:
        """Begin an empty comparison: of the model in use and one beside it."""
        self._give_up_opening()
        first = self._workspace.pane.conversation.model
        states = tuple(PaneState(conversation="", model=ref) for ref in (first, self._other(first)))
        self._workspace.show_comparison(new_comparison(states), {})
        self._sidebar.mark_opened("")
        self._workspace.focus_composer()

    @Slot()
    def add_pane(self) -> None:
        """Another pane, with a model that no pane has yet where there is one."""
        taken = {pane.conversation.model for pane in self._workspace.line}
        self._workspace.add_pane(self._other(*taken))
        self._workspace.focus_composer()

    @Slot(str, str)
    def open_conversation(self, conversation_id: str, message_id: str = "") -> None:
        """Show a conversation of the store, at a message of it if one is named; or the comparison of this id."""
        if self._sidebar.library.comparison(conversation_id) is not None:
            self.open_comparison(conversation_id)
        else:
            self._open(self._show_conversation(conversation_id, message_id))

    @Slot(str)
    def open_comparison(self, comparison_id: str) -> None:
        """Show a comparison of the store."""
        shown = self._workspace.comparison
        if shown is None or shown.id != comparison_id:
            self._open(self._show_comparison(comparison_id))

    @Slot()
    def rename(self) -> None:
        """Let the title of what is shown be typed in its row."""
        if self._sidebar.library.title(self.shown_id):
            self._sidebar.rename(self.shown_id)

    @Slot()
    def trash(self) -> None:
        """Move what is shown to the trash."""
        if self._sidebar.library.title(self.shown_id):
            self._sidebar.library.trash(self.shown_id)

    def say_error(self, error: ParagoneError) -> None:
        """Show what the surroundings refused."""
        self._notices.show_notice(strings.sentence(error), tone="bad")

    def _connect(self) -> None:
        sidebar, workspace, bar = self._sidebar, self._workspace, self._bar
        sidebar.opened.connect(self.open_conversation)
        sidebar.new_chat_wanted.connect(self.new_chat)
        sidebar.new_comparison_wanted.connect(self.new_comparison)
        sidebar.library.changed.connect(self._take_title)
        sidebar.library.trashed.connect(self._after_trash)
        workspace.title_changed.connect(bar.show_title)
        workspace.line.saved.connect(self._saved)
        workspace.comparison_changed.connect(self._keep)
        workspace.panes_changed.connect(self._show_comparison_bar)
        workspace.pane_closed.connect(self._after_close)
        bar.add_pane_wanted.connect(self.add_pane)
        bar.arrangement_chosen.connect(workspace.set_arrangement)
        bar.rule_chosen.connect(workspace.set_rule)
        bar.regenerate_wanted.connect(workspace.sending.regenerate)
        bar.retry_wanted.connect(workspace.sending.retry_failed)
        bar.stop_wanted.connect(workspace.sending.stop)

    def _open(self, opening: Coroutine[Any, Any, None]) -> None:
        self._give_up_opening()
        self._opening = self._tasks.start(opening, name="window.open", failed=self.say_error)

    def _give_up_opening(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    async def _show_conversation(self, conversation_id: str, message_id: str) -> None:
        store = await self._services.store()
        conversation = await store.conversations.get(conversation_id)
        self._workspace.show_conversation(conversation, message_id)
        self._opened(conversation.id)

    async def _show_comparison(self, comparison_id: str) -> None:
        store = await self._services.store()
        comparison = await store.comparisons.get(comparison_id)
        found: dict[str, Conversation] = {}
        for pane in comparison.panes:
            try:
                found[pane.conversation] = await store.conversations.get(pane.conversation)
            except ConversationUnknown:
                continue  # nothing was said in it yet, or it was purged: the pane is empty
        self._workspace.show_comparison(comparison, found)
        self._opened(comparison.id)

    def _opened(self, id_: str) -> None:
        self._sidebar.mark_opened(id_)
        window = self._workspace.window()
        if not self._sidebar.isAncestorOf(window.focusWidget() or window):
            self._workspace.focus_composer()

    def _other(self, *taken: ModelRef) -> ModelRef:
        """A model that is not among these: of those that are known, the default one, else the first of them again."""
        connections = self._services.settings.all_connections
        known = [ref for connection in connections for ref in self._services.gateway.known_of(connection.name)]
        for ref in (self._facts.default(), *known):
            if ref not in taken:
                return ref
        return taken[0]

    @Slot(str)
    def _saved(self, conversation_id: str) -> None:
        comparison = self._workspace.comparison
        self._sidebar.mark_opened(comparison.id if comparison else conversation_id)
        self._sidebar.library.refresh()

    @Slot(object)
    def _keep(self, comparison: Comparison) -> None:
        self._tasks.start(self._keep_comparison(comparison), name="window.keep", failed=self.say_error)

    async def _keep_comparison(self, comparison: Comparison) -> None:
        await (await self._services.store()).comparisons.save(comparison)
        self._sidebar.library.refresh()

    @Slot()
    def _show_comparison_bar(self) -> None:
        self._bar.show_comparison(self._workspace.comparison)

    @Slot()
    def _take_title(self) -> None:
        title = self._sidebar.library.title(self.shown_id)
        if title:
            self._bar.show_title(title)

    @Slot(object, int)
    def _after_close(self, pane: Pane, place: int) -> None:
        name = self._facts.name(pane.conversation.model)
        bar = self._notices.show_notice(
            f"The pane with {name} was closed.",
            tone="plain",
            action="Undo",
            act=partial(self._workspace.put_back, pane, place),
            life_ms=_UNDO_MS,
        )
        bar.dismissed.connect(partial(self._forget_pane, pane))

    def _forget_pane(self, pane: Pane) -> None:
        if pane not in self._workspace.line:
            pane.deleteLater()

    @Slot(str, str)
    def _after_trash(self, id_: str, title: str) -> None:
        was_open = id_ == self.shown_id
        comparison = self._workspace.comparison is not None
        if was_open:
            self._workspace.sending.stop()
            self.new_chat()
        self._notices.show_notice(
            f"“{title or UNTITLED}” is in the trash.",
            tone="plain",
            action="Undo",
            act=partial(self._bring_back, id_, was_open=was_open, comparison=comparison),
            life_ms=_UNDO_MS,
        )

    def _bring_back(self, id_: str, *, was_open: bool, comparison: bool) -> None:
        self._sidebar.library.restore(id_)
        if was_open and comparison:
            self.open_comparison(id_)
        elif was_open:
            self.open_conversation(id_)
