"""Opens stored conversations and comparisons in the workspace, including those dropped on panes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import Comparison, without
from desktop.domain.conversation_types import Conversation
from desktop.errors import ComparisonUnknown, ConversationUnknown
from desktop.services import Services
from ui.base.tasks import Tasks
from ui.sidebar.sidebar import Sidebar
from ui.widgets.typing_keys import HeldKeys
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from desktop.store.store import Store


class KeyboardTo(Enum):
    """Where the focus moves after opening."""

    STAY = auto()
    """Stay in the list if the focus is there, otherwise focus the prompt field."""
    PROMPT = auto()
    READING = auto()
    """Focus the transcript, because the prompt field may contain an unsent draft."""


class WorkspaceOpener(QObject):
    """Opens conversations and comparisons, one at a time. A later request replaces an earlier one."""

    partly = Signal(int)
    """Emitted with the number of parts that could not be read, although the rest was opened."""
    failed = Signal(object)
    """Emitted with the ParagoneError if opening failed."""

    def __init__(self, services: Services, tasks: Tasks, sidebar: Sidebar, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._sidebar = sidebar
        self._workspace = workspace
        self._task: asyncio.Task[None] | None = None
        self._typed = HeldKeys(self)
        self.show_elsewhere: Callable[[str], bool] = lambda _: False
        """Brings another window to the front if it shows this ID, because nothing is shown twice."""
        workspace.dropping.conversation_dropped.connect(self._drop)
        sidebar.finding.changed.connect(self._unmark)

    @property
    def is_under_way(self) -> bool:
        """Whether something is being opened."""
        return self._task is not None and not self._task.done()

    def conversation(self, id_: str, message_id: str = "", *, to: KeyboardTo = KeyboardTo.STAY) -> None:
        """Show a conversation, scrolled to a message if one is given, or the comparison with this ID."""
        if self.show_elsewhere(id_):
            self._leave_it()
        elif self._sidebar.library.comparison(id_) is not None:
            self.comparison(id_, to=to)
        else:
            self._start(self._show_conversation(id_, message_id, to=to))

    def comparison(self, id_: str, *, to: KeyboardTo = KeyboardTo.STAY) -> None:
        """Show a comparison, unless it is already visible."""
        shown = self._workspace.comparison
        if self.show_elsewhere(id_):
            self._leave_it()
        elif shown is None or shown.id != id_:
            self._start(self._show_comparison(id_, to=to))
        elif to is KeyboardTo.PROMPT:
            self._workspace.focus_composer()

    def _leave_it(self) -> None:
        """Open nothing, because another window shows it, and mark the row of what this window shows again."""
        self.give_up()
        self._sidebar.mark_opened(self._sidebar.opened_id)

    def resume(self, id_: str, *, compares: bool) -> None:
        """Show what was visible the last time, or a new chat if that no longer exists."""
        self._start(self._resume(id_, compares=compares))

    def into_comparison(self, comparison_id: str, chats: Sequence[tuple[str, int]]) -> None:
        """Show a comparison with restored chats, each in a new pane at its index."""
        self._start(self._show_into(comparison_id, chats))

    def give_up(self) -> None:
        """Cancel opening."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _start(self, opening: Coroutine[Any, Any, None]) -> None:
        """Start opening something. Keys that are typed meanwhile go to what is opened."""
        self.give_up()
        window = self._workspace.window()
        self._typed.hold(window.focusWidget() or window, self._workspace.prompt_editor)
        self._task = self._tasks.start(opening, name="window.open", failed=self.failed.emit)
        self._task.add_done_callback(self._ended)

    @Slot()
    def _unmark(self) -> None:
        """Remove search highlights once the search has ended."""
        if self._sidebar.finding.hits is None:
            for pane in self._workspace.line:
                pane.transcript.unmark()

    def _ended(self, _: asyncio.Task[None]) -> None:
        """Send the keys typed during opening to the current prompt field."""
        if not self.is_under_way:
            self._typed.release(self._workspace.prompt_editor)

    async def _resume(self, id_: str, *, compares: bool) -> None:
        try:
            await (self._show_comparison(id_) if compares else self._show_conversation(id_, ""))
        except (ConversationUnknown, ComparisonUnknown):
            return

    async def _show_conversation(self, id_: str, message_id: str, *, to: KeyboardTo = KeyboardTo.STAY) -> None:
        conversation = await (await self._services.store()).conversations.get(id_)
        to = self._stays(to)
        self._workspace.show_conversation(conversation, message_id)
        if words := self._sidebar.finding.words_found(message_id):
            self._workspace.pane.transcript.mark(message_id, words)
        self._opened(conversation.id, to=to)

    async def _show_comparison(self, id_: str, *, to: KeyboardTo = KeyboardTo.STAY) -> None:
        store = await self._services.store()
        comparison = await store.comparisons.get(id_)
        sources = self._workspace.kept.sources(comparison)
        ids = dict.fromkeys((*(pane.conversation for pane in comparison.panes), *sources))
        asked = [store.conversations.get(each) for each in ids]
        conversations: dict[str, Conversation] = {}
        for each, answer in zip(ids, await asyncio.gather(*asked, return_exceptions=True), strict=True):
            if isinstance(answer, Conversation):
                conversations[each] = answer
            elif not isinstance(answer, ConversationUnknown):
                raise answer
            # The pane of an unknown conversation is empty, because it was never used or was deleted
        comparison = without(comparison, await self._gone(store, comparison, conversations))
        to = self._stays(to)
        self._workspace.show_comparison(comparison, conversations)
        self._opened(comparison.id, to=to)
        if comparison.left_out:
            self.partly.emit(comparison.left_out)

    async def _gone(self, store: Store, comparison: Comparison, found: Mapping[str, Conversation]) -> set[str]:
        """Return the IDs of the comparison's chats that were deleted or moved to the trash separately."""
        deleted = {each.conversation for each in comparison.panes if each.said and each.conversation not in found}
        if not await store.comparisons.is_listed(comparison.id):
            return deleted
        states = await store.conversations.states([each.conversation for each in comparison.panes])
        return deleted | {each.id for each in states.values() if each.trashed_at is not None}

    async def _show_into(self, comparison_id: str, chats: Sequence[tuple[str, int]]) -> None:
        await self._show_comparison(comparison_id)
        there = {pane.conversation_id for pane in self._workspace.line}  # if it was not yet stored without them
        for id_, place in chats:
            if id_ in there:
                continue
            conversation = await (await self._services.store()).conversations.get(id_)
            self._workspace.places.insert(min(place, len(self._workspace.line)), conversation)

    def _stays(self, to: KeyboardTo) -> KeyboardTo:
        """Return the focus target. STAY becomes PROMPT if the list does not have the focus now.

        This is decided before widgets are hidden, because Qt may move the focus of a hidden widget to the list.
        """
        window = self._workspace.window()
        listed = self._sidebar.isAncestorOf(window.focusWidget() or window)
        return KeyboardTo.PROMPT if to is KeyboardTo.STAY and not listed else to

    def _opened(self, id_: str, *, to: KeyboardTo) -> None:
        self._sidebar.mark_opened(id_)
        if to is KeyboardTo.READING:
            self._workspace.read()
        elif to is KeyboardTo.PROMPT:
            self._workspace.focus_composer()
        self._typed.release(self._workspace.prompt_editor)

    @Slot(str, int, bool)
    def _drop(self, id_: str, place: int, beside: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Show a dropped comparison in place of the panes, or a dropped conversation in the pane below it."""
        single = self._workspace.comparison is None and not beside
        if single or self._sidebar.library.comparison(id_) is not None:
            self.conversation(id_)
        elif not self.show_elsewhere(id_):
            self._start(self._take(id_, place, beside=beside))

    async def _take(self, id_: str, place: int, *, beside: bool) -> None:
        conversation = await (await self._services.store()).conversations.get(id_)
        self._workspace.places.take(conversation, place, beside=beside)
