"""Opens, saves and deletes conversations and comparisons in the window, and offers to undo deleting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, Slot

from desktop.domain.comparison import Comparison, PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef, Role, Status
from desktop.errors import ComparisonUnknown, ParagoneError, StoreBusy, StoreFull
from desktop.services import Services
from desktop.session.titles import Titles
from ui.base import strings
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.pane.chat import Chat
from ui.pane.disk_room import DiskRoom
from ui.pane.pane import Pane
from ui.sidebar.entries import UNTITLED, UNTITLED_COMPARISON, RowState
from ui.sidebar.library import Library
from ui.sidebar.sidebar import Sidebar
from ui.widgets.announcement import announce
from ui.widgets.labels import within_sentence
from ui.widgets.notice_bar import NoticeStack
from ui.window.title_bar import TitleBar
from ui.window.undo_notices import UndoNotices
from ui.window.workspace_opener import KeyboardTo, WorkspaceOpener
from ui.workspace.workspace import Workspace


class ThrownChats(QObject):
    """Removes deleted chats from the window, and offers to restore them."""

    new_chat_wanted = Signal(object)
    """Emitted when a new chat is to be shown, with a function that sets the focus."""

    def __init__(
        self, sidebar: Sidebar, workspace: Workspace, opening: WorkspaceOpener, undoing: UndoNotices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._workspace = workspace
        self._opening = opening
        self._undoing = undoing
        sidebar.library.trashed.connect(self._after_trash)
        sidebar.library.purged.connect(self.after_purge)

    @property
    def _shown_id(self) -> str:
        comparison = self._workspace.comparison
        return comparison.id if comparison is not None else self._workspace.pane.conversation_id

    @Slot(object, str, object)
    def _after_trash(self, ids: Sequence[str], title: str, with_them: Sequence[str]) -> None:
        comparison, shown = self._workspace.comparison, self._shown_id
        was_open = self._shows_nothing_but((*ids, *with_them))
        reopen = self._opening.comparison if comparison is not None else self._opening.conversation
        back: Callable[[], None] | None = partial(reopen, shown, to=KeyboardTo.READING) if was_open else None
        taken = self._leave((*ids, *with_them))
        if taken and comparison is not None:
            back = partial(self._put_back, comparison.id, taken)
        self._undoing.after_trash(ids, title, back, [pane for pane, _, _ in taken])

    def _put_back(self, comparison_id: str, taken: Sequence[tuple[Pane, str, int]]) -> None:
        """Restore chats in their comparison, which may no longer be visible."""
        shown = self._workspace.comparison
        if shown is None or shown.id != comparison_id:
            self._opening.into_comparison(comparison_id, [(chat, place) for _, chat, place in reversed(taken)])
            return
        for pane, _, place in reversed(taken):
            self._undoing.put_back(pane, place, comparison_id)

    @Slot(object)
    def leave(self, ids: Sequence[str]) -> None:
        """Stop showing chats that were moved to the trash in another window, which offers to restore them."""
        for pane, _, _ in self._leave(ids):
            self._workspace.line.give_back(pane)

    @Slot(object)
    def after_purge(self, ids: Sequence[str]) -> None:
        """Close permanently deleted chats, because another prompt would store them again."""
        comparison = self._workspace.comparison
        if comparison is not None and comparison.id in ids:
            self._workspace.sending.stop()
            self._workspace.kept.begin(None)  # else it is kept once more as it is left
            ids = (*ids, self._shown_id)
        for pane, _, _ in self._leave(ids):
            pane.start_new()
            self._workspace.line.give_back(pane)

    def _shows_nothing_but(self, ids: Sequence[str]) -> bool:
        """Whether everything that is visible is among these IDs."""
        return self._shown_id in ids or all(pane.conversation_id in ids for pane in self._workspace.line)

    def _leave(self, ids: Sequence[str]) -> list[tuple[Pane, str, int]]:
        """Replace deleted chats by a new one, or remove their panes from a comparison.

        Returns the removed panes with the IDs of their conversations and their indexes.
        """
        if self._shows_nothing_but(ids):
            self._workspace.sending.stop()
            # Do not focus the prompt field, because it may contain another chat's draft, which Enter would send.
            listed = self._sidebar.isAncestorOf(self._workspace.window().focusWidget() or self._workspace)
            self.new_chat_wanted.emit(self._sidebar.list.setFocus if listed else self._workspace.read)
            return []
        removed: list[tuple[Pane, str, int]] = []
        for pane in self._workspace.line:
            if (thrown := pane.conversation_id) in ids:
                pane.stop()
                place = self._workspace.places.take_out(pane)
                if place is not None:
                    removed.append((pane, thrown, place))
        return removed


class ComparisonKeeper(QObject):
    """Saves the comparisons that the workspace emits."""

    failed = Signal(object)
    """Emitted with the ParagoneError if saving failed."""

    def __init__(self, services: Services, tasks: Tasks, library: Library, room: DiskRoom, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._library = library
        self._room = room
        self._listed: tuple[object, ...] = ()
        self.newest: dict[str, Comparison] = {}
        """By their ids, those that are not written as they are by now."""
        self._refused: set[str] = set()
        self._one_by_one = asyncio.Lock()
        library.trashed.connect(self._let_go)
        library.purged.connect(self._let_go)

    @Slot(object)
    def keep(self, comparison: Comparison) -> None:
        """Save the current state of a comparison."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended before the window: it was kept when the window closed
            return
        self.newest[comparison.id] = comparison
        self._tasks.start(self._keep(comparison.id), name="window.keep", failed=self.failed.emit)

    @Slot(str)
    def forget(self, comparison_id: str) -> None:
        """Delete a comparison that has become empty."""
        self._listed = ()
        self.newest.pop(comparison_id, None)
        self._tasks.start(self._forget(comparison_id), name="window.forget", failed=self.failed.emit)

    @Slot(object)
    def _let_go(self, ids: Sequence[str]) -> None:
        """Drop pending writes of deleted comparisons, because they would restore them."""
        for each in ids:
            if each in self._refused:
                self.newest.pop(each, None)

    async def _keep(self, comparison_id: str) -> None:
        try:
            await self._write(comparison_id)
        except (StoreFull, StoreBusy):
            if comparison_id not in self._refused:
                self._refused.add(comparison_id)
                self._room.keep(partial(self._keep_later, comparison_id))
            raise

    async def _keep_later(self, comparison_id: str) -> None:
        """Try again to write a comparison.

        Raises:
            StoreError: If writing fails again.
        """
        await self._write(comparison_id)
        self._refused.discard(comparison_id)

    async def _write(self, comparison_id: str) -> None:
        """Write the newest state of a comparison, unless it is already stored or was deleted."""
        async with self._one_by_one:
            comparison = self.newest.get(comparison_id)
            if comparison is None:
                return
            await (await self._services.store()).comparisons.save(comparison)
            if self.newest.get(comparison_id) is comparison:
                del self.newest[comparison_id]
        self._list(comparison)

    async def _forget(self, comparison_id: str) -> None:
        with suppress(ComparisonUnknown):  # it is gone already
            await (await self._services.store()).comparisons.purge([comparison_id])
        self._library.refresh()

    def _list(self, comparison: Comparison) -> None:
        models = tuple(pane.model for pane in comparison.panes)
        shown = (comparison.id, comparison.title, comparison.updated_at, models, comparison.merges)
        if shown != self._listed:  # scrolling and dragging are kept too, and are nothing to a list
            self._listed = shown
            self._library.refresh()


_FAILED = (Status.FAILED, Status.INTERRUPTED)


class RowStates(QObject):
    """States of responses in the list, from the end of a response until its conversation is shown. Not stored."""

    def __init__(self, sidebar: Sidebar, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._list = sidebar.list
        self._workspace = workspace
        self._answering: dict[str, Chat] = {}
        self._ended: dict[str, RowState] = {}
        self.shown_elsewhere: Callable[[], set[str]] = set
        """IDs of the conversations that other windows show."""
        workspace.line.answering_changed.connect(self.update)
        workspace.line.shown_changed.connect(self._read)
        workspace.comparison_shown.connect(self._read)

    @Slot()
    @Slot(object)
    def update(self) -> None:
        """Take over which responses are in progress now."""
        before, self._answering = self._answering, dict(self._workspace.answering)
        seen = self._shown | self.shown_elsewhere()
        for id_, chat in before.items():
            if id_ not in self._answering and id_ not in seen:
                self._ended[id_] = RowState.FAILED if _failed(chat) else RowState.NEW
        self._tell()

    @Slot()
    @Slot(object)
    def _read(self) -> None:
        for id_ in self._shown:
            self._ended.pop(id_, None)
        self._tell()

    @property
    def _shown(self) -> set[str]:
        return {pane.conversation_id for pane in (*self._workspace.line, *self._workspace.beside)}

    def _tell(self) -> None:
        self._list.show_states({**self._ended, **dict.fromkeys(self._answering, RowState.ANSWERING)})


def _failed(chat: Chat) -> bool:
    """Whether the last response in a chat failed, or the prompt was not sent."""
    last = chat.path[-1] if chat.path else None
    return chat.refusal is not None or (last is not None and last.role is Role.ASSISTANT and last.status in _FAILED)


class ShownMarks(QObject):
    """Marks in the list what is visible. `kept` returns its ID if it is stored."""

    def __init__(self, sidebar: Sidebar, workspace: Workspace, kept: Callable[[], str]) -> None:
        super().__init__(workspace)
        self._sidebar = sidebar
        self._workspace = workspace
        self._kept = kept
        self._marks = workspace.marks
        workspace.line.shown_changed.connect(self._mark)
        workspace.line.shown_changed.connect(self._colour)
        workspace.panes_changed.connect(self._colour)
        workspace.panes_changed.connect(self._follow)

    @Slot(object)
    def _mark(self) -> None:
        """Update the mark after a single pane continued in a new chat, which the list does not contain yet."""
        if self._workspace.comparison is None:
            self._sidebar.mark_opened(self._kept())

    @Slot()
    def _follow(self) -> None:
        """Mark the comparison into which a second pane has turned a chat."""
        comparison = self._workspace.comparison
        if comparison is not None and self._sidebar.opened_id != comparison.id:
            self._sidebar.mark_opened(comparison.id)

    @Slot()
    def _colour(self) -> None:
        """Update the models' colors in the list, so that the whole window uses the same ones."""
        rows, marks = self._sidebar.list, self._marks.kept
        if marks != rows.delegate.marks:
            rows.delegate.marks = marks
            rows.viewport().update()


_SAID_MS = 6_000


class Desk(QObject):
    """Connects the sidebar, the workspace and the store."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        sidebar: Sidebar,
        workspace: Workspace,
        bar: TitleBar,
        notices: NoticeStack,
        room: DiskRoom,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._tasks = tasks
        self._sidebar = sidebar
        self._workspace = workspace
        self._bar = bar
        self._notices = notices
        self._room = room
        self._facts = ModelFacts(services)
        self.keeper = ComparisonKeeper(services, tasks, sidebar.library, room, self)
        self.keeper.failed.connect(self.say_error)
        self.titles = Titles(services.gateway, services.catalog)
        self.undoing = UndoNotices(self._facts, sidebar.library, workspace, notices)
        self.opening = WorkspaceOpener(services, tasks, sidebar, workspace)
        self.thrown = ThrownChats(sidebar, workspace, self.opening, self.undoing, self)
        self.thrown.new_chat_wanted.connect(self.new_chat)
        self.chosen: ModelRef | None = None
        """The model that was last chosen from a list."""
        self.states = RowStates(sidebar, workspace)
        sidebar.library.chats_shown = self._chats_of_comparison
        self._connect()

    @property
    def shown_id(self) -> str:
        """ID of the visible comparison or conversation."""
        comparison = self._workspace.comparison
        return comparison.id if comparison else self._workspace.pane.conversation_id

    @property
    def kept_id(self) -> str:
        """ID of the visible comparison or conversation, or an empty string if it is not stored."""
        shown = self.shown_id
        pane = self._workspace.pane
        listed = self._workspace.comparison is not None or bool(pane.conversation.messages) or pane.answers
        return shown if listed else ""

    @property
    def resumed_id(self) -> str:
        """ID of what to show at the next start. For a chat that is not stored, this is the key of its draft."""
        if self._workspace.is_temporary:
            return ""
        if self._workspace.comparison is not None or self._workspace.pane.answers:
            return self.kept_id
        return self._workspace.pane.writing.keys.shown

    def _chats_of_comparison(self) -> Sequence[str]:
        """Return the IDs of the chats in the visible comparison, if there is one."""
        compares = self._workspace.comparison is not None
        return tuple(pane.conversation_id for pane in self._workspace.line) if compares else ()

    @property
    def _last_models(self) -> Sequence[ModelRef]:
        """Models of the visible chat and of stored ones, the most recently used first. Imported ones are excluded."""
        listing = self._sidebar.library.listing
        return (self._workspace.pane.conversation.model, *(listing.models if listing is not None else ()))

    @Slot()
    def new_chat(self, focus: Callable[[], None] | None = None, *, temporary: bool = False) -> None:
        """Start an empty conversation, and focus its prompt field or call `focus`. A temporary one is not stored."""
        self._begin(self._facts.for_new_chat(self.chosen, *self._last_models), focus, temporary=temporary)

    def _begin(self, model: ModelRef, focus: Callable[[], None] | None = None, *, temporary: bool = False) -> None:
        self.opening.give_up()
        self._workspace.start_new(model, temporary=temporary)
        (focus or self._workspace.focus_composer)()  # first: the list keeps its row while the keyboard is in it
        self._sidebar.mark_opened("")
        if not focus:  # a button tells whether it is checked
            name = self._facts.name(model)
            usual = tr("New chat with {model}", model=name)
            announce(self._workspace, tr("Temporary chat with {model}", model=name) if temporary else usual)

    @Slot()
    def new_comparison(self) -> None:
        """Start an empty comparison between the current model and another one."""
        self.opening.give_up()
        first = self._facts.for_new_chat(self.chosen, *self._last_models)
        states = tuple(PaneState(conversation="", model=ref) for ref in (first, self._facts.another(first)))
        self._workspace.show_comparison(new_comparison(states), {})
        self._workspace.focus_composer()  # first: the list keeps its row while the keyboard is in it
        self._sidebar.mark_opened("")
        models = ", ".join(self._facts.name(state.model) for state in states)
        announce(self._workspace, tr("New comparison: {models}", models=models))

    @property
    def proposed_model(self) -> ModelRef:
        """Model to propose for another pane, if possible one that no pane has."""
        taken = [pane.conversation.model for pane in self._workspace.line]
        listing = self._sidebar.library.listing  # no server was asked yet what it has, right after a start
        used = listing.models if listing is not None else ()
        return self._facts.another(*taken, used=used)

    def add_pane(self, model: ModelRef | None = None) -> Pane | None:
        """Add a pane with a model, by default the proposed one. Returns None if there are too many panes."""
        added = self._workspace.places.add_pane(model or self.proposed_model)
        self._workspace.focus_composer()
        if added is not None:
            announce(self._workspace, tr("Added: {pane}", pane=added.accessibleName()))
        return added

    @Slot(str, str)
    def enter_conversation(self, conversation_id: str, message_id: str) -> None:
        """Show a conversation or comparison, and focus its prompt field."""
        if not self._is_thrown(conversation_id):
            self.opening.conversation(conversation_id, message_id, to=KeyboardTo.PROMPT)

    @Slot(str, str)
    def open_conversation(self, conversation_id: str, message_id: str = "") -> None:
        """Show a stored conversation, scrolled to a message if one is given, or the comparison with this ID."""
        if not self._is_thrown(conversation_id):
            self.opening.conversation(conversation_id, message_id)

    def _is_thrown(self, id_: str) -> bool:
        """Whether this is a comparison in the trash, which has to be restored first. If so, offer to restore it."""
        library = self._sidebar.library
        thrown = next((each for each in library.trashed_comparisons if each.id == id_), None)
        if thrown is not None:
            title = within_sentence(thrown.title or tr(UNTITLED_COMPARISON))
            said = tr("“{title}” is in the trash. To open it, restore it first.", title=title)
            self._notices.show_notice(said, tone="plain", action=tr("Restore"), act=partial(library.restore, id_))
        return thrown is not None

    def open_neighbour(self, by: int) -> None:
        """Show the next conversation that no other window shows, or the previous one if `by` is negative."""
        entries = self._sidebar.list.entries
        neighbour, elsewhere = entries.neighbour(self.shown_id, by), self.states.shown_elsewhere()
        while neighbour in elsewhere:
            neighbour = entries.neighbour(neighbour, by)
        if neighbour:
            row = entries.index(entries.row_of(neighbour))
            said = str(row.data(Qt.ItemDataRole.AccessibleTextRole) or "")  # first: titles alone are often alike
            self.opening.conversation(neighbour, "")
            announce(self._workspace, said or tr(UNTITLED))

    @Slot(str)
    def open_comparison(self, comparison_id: str) -> None:
        """Show a stored comparison."""
        self.opening.comparison(comparison_id)

    def resume(self, id_: str, *, compares: bool) -> None:
        """Show what was visible when Paragone was quit, unless the user has begun something since the start."""
        pane = self._workspace.pane
        begun = self._workspace.comparison is not None or pane.conversation.messages or pane.composer.text
        if id_ and not begun:
            self.opening.resume(id_, compares=compares)

    @Slot()
    def trash(self) -> None:
        """Move the visible conversation or comparison to the trash."""
        if self._sidebar.library.title(self.shown_id):
            self._sidebar.library.trash(self.shown_id)

    def say_error(self, error: ParagoneError) -> None:
        """Show an error. An error about a full disk stays until there is space."""
        full = isinstance(error, StoreFull)
        bar = self._notices.show_notice(strings.sentence(error), tone="bad", life_ms=0 if full else None)
        if full:
            self._room.say(bar)

    def _connect(self) -> None:
        sidebar, workspace, bar = self._sidebar, self._workspace, self._bar
        sidebar.finding.left.connect(workspace.focus_composer)
        sidebar.opened.connect(self.open_conversation)
        sidebar.entered.connect(self.enter_conversation)
        sidebar.new_chat_wanted.connect(self.new_chat)
        sidebar.new_comparison_wanted.connect(self.new_comparison)
        sidebar.library.changed.connect(self._take_last_model)
        sidebar.library.changed.connect(self._take_title)
        sidebar.library.changed.connect(self._prepare)
        sidebar.library.archived.connect(self.undoing.after_archive)
        workspace.title_changed.connect(bar.show_title)
        workspace.line.saved.connect(self._saved)
        workspace.kept.due.connect(self.keeper.keep)
        workspace.kept.emptied.connect(self.keeper.forget)
        workspace.panes_changed.connect(self._show_comparison_bar)
        workspace.places.refused.connect(self.say)
        workspace.line.model_picked.connect(self._remember_model)
        self.opening.failed.connect(self.say_error)
        self.opening.partly.connect(self._say_partly)
        self._marks = ShownMarks(sidebar, workspace, lambda: self.kept_id)
        bar.arrangement_chosen.connect(workspace.set_arrangement)
        bar.rule_chosen.connect(workspace.set_rule)

    @Slot(str)
    def _saved(self, conversation_id: str) -> None:
        self._sidebar.mark_opened(self.shown_id)
        self._sidebar.library.refresh()
        within = self._sidebar.library.holder(conversation_id) or conversation_id in self._chats_of_comparison()
        if self.titles.on and not within:  # there rows are called by their models
            self._tasks.start(self._title(conversation_id), name="window.title", failed=self.say_error)

    async def _title(self, conversation_id: str) -> None:
        if await self.titles.after_answer((await self._services.store()).conversations, conversation_id):
            self._sidebar.library.refresh()

    @Slot(object)
    def _remember_model(self, model: ModelRef) -> None:
        self.chosen = model

    @Slot(str)
    def welcome_connection(self, name: str) -> None:
        """Confirm that a connection was added.

        If an empty chat with the embedded model is visible, it switches to the connection's first model;
        otherwise that is offered.
        """
        refs, called = self._facts.of(name), within_sentence(name)
        if not refs:
            self.say(tr("“{name}” was added.", name=called))
            return
        sentence = trn(
            "{n} model from “{name}” was added.", "{n} models from “{name}” were added.", len(refs), name=called
        )
        pane, model = self._workspace.pane, self._facts.name(refs[0])
        is_empty = self._workspace.comparison is None and not pane.conversation.messages and not pane.answers
        if is_empty and self._facts.is_embedded(pane.conversation.model):
            self.chosen = refs[0]
            pane.start_new(refs[0])
            self._workspace.focus_composer()  # the button that offered servers is gone, and the keyboard with it
            self.say(f"{sentence} {tr('This chat now uses {model}.', model=model)}")
        else:
            use = tr("Use {model}", model=within_sentence(model))
            self._notices.show_notice(sentence, tone="plain", action=use, act=partial(self._use, refs[0]))

    def _use(self, model: ModelRef) -> None:
        """Start a chat with this model."""
        self.chosen = model
        self._begin(model)

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show a sentence for a while."""
        self._notices.show_notice(sentence, tone="plain", life_ms=_SAID_MS)

    @Slot(int)
    def _say_partly(self, parts: int) -> None:
        self._notices.show_notice(
            trn(
                "{n} part of this comparison was left out because this version of Paragone cannot read it.",
                "{n} parts of this comparison were left out because this version of Paragone cannot read them.",
                parts,
            ),
            tone="warn",
        )

    @Slot()
    def _show_comparison_bar(self) -> None:
        self._bar.show_comparison(self._workspace.comparison)

    @Slot()
    def _prepare(self) -> None:
        """Create spare panes if the user has comparisons."""
        most = max((len(each.models) for each in self._sidebar.library.comparisons), default=0)
        if most > 1:
            self._workspace.prepare(most)

    @Slot()
    def _take_last_model(self) -> None:
        """Let the empty chat that is shown at the start use the model of the most recent conversation."""
        library, pane = self._sidebar.library, self._workspace.pane
        if library.listing is None:
            return
        library.changed.disconnect(self._take_last_model)
        begun = self._workspace.comparison is not None or pane.conversation.messages or pane.answers or pane.resumed
        if library.listing.models and not begun and not self.opening.is_under_way:
            model = self._facts.for_new_chat(self.chosen, *library.listing.models)
            if model != pane.conversation.model:
                pane.start_new(model)

    @Slot()
    def _take_title(self) -> None:
        title, comparison = self._sidebar.library.title(self.shown_id), self._workspace.comparison
        if title and comparison is not None and comparison.title != title:
            self._workspace.kept.change(title=title)  # else what is kept next brings the old one back
        if title:
            self._workspace.title_changed.emit(title)  # to the bar, and to the name of the window
