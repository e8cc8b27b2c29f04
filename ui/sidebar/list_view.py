"""List of conversations that can be opened, selected, renamed in place and dragged."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
    SignalInstance,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QMenu, QWidget
from shiboken6 import isValid

from ui.base.strings import tr
from ui.base.theme import Themes
from ui.sidebar.entries import Entry, EntryGroup, More, NameOf, RowState, SidebarItem, held_in_place
from ui.sidebar.entries_model import EntriesModel
from ui.sidebar.entry_delegate import EntryDelegate
from ui.widgets.item_list import ItemList
from ui.widgets.menu import Menu
from ui.widgets.typing_keys import is_typed

_TURN_MS = 120
"""Interval of the animation frames in rows with a response in progress."""
_CHOOSING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class ListView(ItemList):
    """View of the sidebar's rows, named "Conversations" for screen readers. Commands apply to the selection."""

    opened = Signal(str, str)
    """Emitted with the ID of a chosen conversation, and the ID of the matching message or an empty string."""
    entered = Signal(str, str)
    """Like `opened`, but the focus is to move to the conversation."""
    fold_asked = Signal(str, bool)
    """Emitted with the ID of a comparison and whether its chats are to be listed."""
    more_wanted = Signal(str, int)
    """Emitted with the key of a group and the number of its rows that are shown."""
    trash_asked = Signal(object)
    """Emitted with a list of IDs to move to the trash. The following signals carry lists of IDs as well."""
    pin_asked = Signal(object, bool)
    """Emitted to pin conversations, or to unpin them."""
    archive_asked = Signal(object, bool)
    """Emitted to archive conversations, or to remove them from the archive."""
    tags_asked = Signal(object)
    """Emitted to edit the tags of conversations."""
    restore_asked = Signal(object)
    """Emitted to restore conversations from the trash."""
    purge_asked = Signal(object, str)
    """Emitted with IDs to delete permanently and the title of the first one."""
    round_opened = Signal()
    """Emitted to show the current blind round."""
    discard_asked = Signal()
    """Emitted to discard the current blind round."""
    export_asked = Signal(object)
    """Emitted to export conversations or comparisons."""
    window_asked = Signal(str)
    """Emitted with the ID of a conversation or comparison to show in another window."""
    run_asked = Signal(object)
    """Emitted to create a suite from the prompts of conversations."""
    options_wanted = Signal(QMenu)
    """Emitted with a menu to which the options of the list are to be added."""
    left = Signal()
    """Emitted when the mouse leaves the list or a title was edited, so that waiting rows can be moved."""
    left_upwards = Signal()
    """Emitted when Up is pressed on the first row."""

    def __init__(self, themes: Themes, name_of: NameOf, clock: Callable[[], datetime], parent: QWidget) -> None:
        super().__init__(parent)
        self._before_edit: QWidget | None = None
        self._folding = False
        """Whether the button of the mouse went down on what folds a comparison."""
        self._turning = QTimer(self, interval=_TURN_MS)
        self._turning.timeout.connect(self._turn)
        self.waits = self._is_answering = False
        """Whether rows stand where they stood until the mouse leaves, a title is typed or answers have ended."""
        self.entries = EntriesModel(name_of, clock, self)
        self.delegate = EntryDelegate(self.entries, themes, self)
        self.setModel(self.entries)
        self.setItemDelegate(self.delegate)
        self.setProperty("role", "surface")
        self.setAccessibleName(tr("Conversations"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.selectionModel().selectionChanged.connect(self._repaint)  # what is shown too, which none of them may be
        themes.changed.connect(self._repaint)

    @property
    def current_item(self) -> SidebarItem | None:
        """The item that has the focus, or None."""
        entry = self.entries.entry(self.currentIndex())
        return entry if isinstance(entry, SidebarItem) else None

    @property
    def chosen(self) -> list[SidebarItem]:
        """The selected items in display order, each once."""
        indexes = sorted(self.selectedIndexes(), key=lambda each: each.row())
        found: dict[str, SidebarItem] = {}
        for index in indexes:
            if isinstance(entry := self.entries.entry(index), SidebarItem):
                found.setdefault(entry.conversation.id, entry)
        return list(found.values())

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Replace the rows, preserving the selection and the scroll position.

        If the focused row no longer exists, the next one receives the focus.
        """
        self.waits = self.state() is QAbstractItemView.State.EditingState
        if self.waits:
            return
        chosen = {_place(each) for each in self.chosen}
        at, scroll_value = self.currentIndex().row(), self.verticalScrollBar().value()
        before = [self._entry(row) for row in range(self.entries.rowCount())]
        shown_was_seen = _sees(self, self.delegate.opened)
        if self.entries.show_entries(entries):
            return
        rows = {_place(each): row for row, each in reversed([*enumerate(entries)]) if isinstance(each, SidebarItem)}
        for where in chosen & rows.keys():
            self.selectionModel().select(self.entries.index(rows[where]), QItemSelectionModel.SelectionFlag.Select)
        if at >= 0 and isinstance(current := before[at], SidebarItem):
            if _place(current) in rows:
                here = self.entries.index(rows[_place(current)])
                self.selectionModel().setCurrentIndex(here, QItemSelectionModel.SelectionFlag.NoUpdate)
            elif self.hasFocus() and not self.chosen:
                near = (_place(each) for each in (*before[at:], *before[at::-1]) if isinstance(each, SidebarItem))
                row = next((rows[each] for each in near if each in rows), -1)
                self._choose(self.entries.index(row) if row >= 0 else QModelIndex())
        self.verticalScrollBar().setValue(scroll_value)
        if shown_was_seen and not _sees(self, self.delegate.opened) and not self.hasFocus():
            self.scrollTo(self.entries.index(self.entries.row_of(self.delegate.opened)))  # it is the newest now

    def show_unasked(self, entries: Sequence[Entry]) -> None:
        """Like `show_entries`, but for changes that the user did not make.

        Rows do not move while the mouse is over the list or a response is in progress.
        """
        now = [self._entry(row) for row in range(self.entries.rowCount())]
        if self.viewport().underMouse() or self.is_answering:
            held = held_in_place([each for each in now if each is not None], entries)
            self.show_entries(held)
            self.waits = self.waits or held != [*entries]
        else:
            self.show_entries(entries)

    @property
    def is_answering(self) -> bool:
        """Whether a response is in progress in any conversation, listed or not."""
        return self._is_answering

    def show_states(self, states: Mapping[str, RowState]) -> None:
        """Set the states of responses. Once all responses have ended, waiting rows are moved."""
        was, self._is_answering = self._is_answering, RowState.ANSWERING in states.values()
        self.entries.show_states(states)
        self._turning.start() if self._is_answering else self._turning.stop()
        if was and not self._is_answering and self.waits and not self.viewport().underMouse():
            self.left.emit()

    @Slot()
    def _turn(self) -> None:
        self.delegate.turn += 1
        for row in self.entries.rows_answering:
            self.viewport().update(self.visualRect(self.entries.index(row)))

    def leaveEvent(self, event: QEvent) -> None:
        """Move the rows that waited for the mouse to leave."""
        super().leaveEvent(event)
        if self.waits and not self.is_answering:
            self.left.emit()

    def mark_opened(self, conversation_id: str) -> None:
        """Mark the open conversation and scroll to it, unless the list has the focus."""
        self.show_opened(conversation_id)
        row = self.entries.row_of(conversation_id)
        busy = self.hasFocus() or self.state() is QAbstractItemView.State.EditingState
        if len(self.chosen) > 1 or (busy and self.current_item is not None):
            pass  # neither is the choice of several lost nor the place of the keyboard when one of them changes
        elif row < 0:
            self.clearSelection()
            self._choose(QModelIndex())
        elif (current := self.current_item) is None or current.conversation.id != conversation_id:
            self._choose(self.entries.index(row))

    def _choose(self, index: QModelIndex) -> None:
        """Select only this row. Qt would extend the selection while Ctrl is pressed."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def show_opened(self, conversation_id: str) -> None:
        """Mark the open conversation without changing the selection."""
        self.delegate.opened = conversation_id
        self.viewport().update()

    def go_to_hit(self, by: int) -> tuple[SidebarItem, int] | None:
        """Select and open the next or previous match, wrapping around.

        Returns the item and the number of the match, or 0 for a match in the title only. Returns None without
        matches.
        """
        rows = enumerate(self._entry(row) for row in range(self.entries.rowCount()))
        steps = [
            (row, number, entry.at_hit(hit.message_id) if hit else entry)
            for row, entry in rows
            if isinstance(entry, SidebarItem)
            for number, hit in enumerate(entry.hits or (None,))
        ]
        if not steps:
            return None
        here = self.currentIndex().row() if self.currentIndex().isValid() else -1
        gone_to = (number for row, number, item in steps if row == here and item.message_id == self.delegate.hit != "")
        at = (here, next(gone_to, -1))
        if by > 0:
            step = next((each for each in steps if each[:2] > at), steps[0])
        else:
            step = next((each for each in reversed(steps) if each[:2] < at), steps[-1])
        row, _, item = step
        self._choose(self.entries.index(row))
        self._open_entry(item, self.opened)
        return item, sum(bool(each.hits) for *_, each in steps[: steps.index(step) + 1]) if item.hits else 0

    def focus_first(self) -> None:
        """Focus the list; if no conversation is selected, select the first one."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def rename(self, conversation_id: str) -> bool:
        """Edit a title in its row. Returns whether the conversation is listed."""
        row = self.entries.row_of(conversation_id)
        if row < 0:
            return False
        index = self.entries.index(row)
        self._before_edit = self.window().focusWidget()
        self._choose(index)
        self.scrollTo(index)
        self.edit(index)
        return True

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Return the focus to the list after a title was edited, unless the user moved it elsewhere."""
        ends = QAbstractItemDelegate.EndEditHint
        if hint in (ends.EditNextItem, ends.EditPreviousItem):
            hint = ends.NoHint  # Tab leaves the title, and renames no other one
        super().closeEditor(editor, hint)
        before, self._before_edit = self._before_edit, None
        focused = self.window().focusWidget()
        if before is not None and isValid(before) and before.isVisible() and focused in (self, editor, None):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.waits:
            self.left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select a row when the list receives the focus, so that screen readers announce it."""
        super().focusInEvent(event)
        if self.current_item is None and event.reason() != Qt.FocusReason.MouseFocusReason:
            for row in range(min(2, self.entries.rowCount())):
                if isinstance(self._entry(row), SidebarItem):
                    self._choose(self.entries.index(row))
                    return

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Move the selection. Home and End skip headings."""
        ends = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: -1}
        rows = [row for row in range(self.entries.rowCount()) if not isinstance(self._entry(row), EntryGroup)]
        if action in ends and rows:
            return self.entries.index(rows[ends[action]])
        return super().moveCursor(action, modifiers)

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:
        """Return the position of the focused row, at which the menu key opens the menu."""
        if query == Qt.InputMethodQuery.ImCursorRectangle and self.currentIndex().isValid():
            return self.visualRect(self.currentIndex())
        return super().inputMethodQuery(query)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle Enter (open), F2 (rename), Delete (trash), and arrow keys that expand and collapse.

        Up on the first row leaves the list.
        """
        item, before = self.current_item, self.currentIndex().row()
        away, back = Qt.Key.Key_Right, Qt.Key.Key_Left
        if self.isRightToLeft():
            away, back = back, away
        if self.state() is QAbstractItemView.State.EditingState:
            event.accept()  # Enter ends the editing, and is passed on by the field: it opens nothing
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex(), self.entered)
        elif item is not None and event.key() == Qt.Key.Key_F2 and not (item.trashed or item.blind):
            self.rename(item.conversation.id)
        elif event.matches(QKeySequence.StandardKey.Delete) and (chosen := self.chosen or [item] if item else []):
            self._delete(chosen)
        elif item is not None and item.folds and event.key() == (back if item.unfolded else away):
            self.fold_asked.emit(item.conversation.id, not item.unfolded)
        elif item is not None and item.within and event.key() == back:
            self._choose(self.entries.index(self.entries.row_of(item.within)))
        elif is_typed(event):
            event.ignore()  # it is meant for a prompt: the window hands it on
        else:
            super().keyPressEvent(event)
            if event.key() == Qt.Key.Key_Up and self.currentIndex().row() == before:
                self.left_upwards.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Expand or collapse a comparison when it is clicked in front of its title."""
        if not self._folds(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Treat a double click in front of the title as two clicks."""
        if not self._folds(event):
            super().mouseDoubleClickEvent(event)

    def _folds(self, event: QMouseEvent) -> bool:
        """Expand or collapse a comparison if it was clicked in front of its title. Returns whether it was."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        entry = self.entries.entry(index)
        self._folding = False
        if event.button() is Qt.MouseButton.LeftButton and isinstance(entry, SidebarItem) and entry.folds:
            self._folding = self.delegate.folds_at(self.visualRect(index), entry, at)
        if self._folding and isinstance(entry, SidebarItem):
            self.fold_asked.emit(entry.conversation.id, not entry.unfolded)
        return self._folding

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ignore the release of a click that expanded or collapsed a comparison."""
        if not self._folding:
            super().mouseReleaseEvent(event)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if not QGuiApplication.keyboardModifiers() & _CHOOSING:
            self._open(index, self.opened)

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if not QGuiApplication.keyboardModifiers() & _CHOOSING and isinstance(self.entries.entry(index), SidebarItem):
            self._open(index, self.entered)

    def _open(self, index: QModelIndex | QPersistentModelIndex, opened: SignalInstance) -> None:
        entry = self.entries.entry(index)
        if isinstance(entry, SidebarItem):
            self._open_entry(entry, opened)
        elif isinstance(entry, More):
            self.more_wanted.emit(entry.key, entry.shown)

    def _open_entry(self, entry: SidebarItem, opened: SignalInstance) -> None:
        self.delegate.hit = entry.message_id
        self.viewport().update()
        if entry.blind:
            self.round_opened.emit()
        else:
            opened.emit(entry.conversation.id, entry.message_id)

    def _delete(self, items: Sequence[SidebarItem]) -> None:
        if any(each.blind for each in items):
            self.discard_asked.emit()
            items = [each for each in items if not each.blind]
        thrown = [each for each in items if each.trashed]
        if not items:
            return
        if len(thrown) == len(items):
            self.purge_asked.emit(_ids(thrown), thrown[0].title)
        else:
            self.trash_asked.emit(_ids([each for each in items if not each.trashed]))

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        entry = self.entries.entry(self.indexAt(at))
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(entry, SidebarItem):
            self.add_actions_for(menu, entry)
            menu.addSeparator()
        self.options_wanted.emit(menu)
        menu.popup(self.viewport().mapToGlobal(at))

    def add_actions_for(self, menu: QMenu, entry: SidebarItem) -> None:
        """Add to a menu the commands for an entry, or for the selection if the entry is part of it."""
        chosen = self.chosen
        items = chosen if any(each.conversation.id == entry.conversation.id for each in chosen) else [entry]
        if len(items) == 1:
            menu.addAction(tr("Open"), partial(self._open_entry, entry, self.opened))
            if entry.folds:
                title = tr("Hide chats") if entry.unfolded else tr("Show chats")
                menu.addAction(title, partial(self.fold_asked.emit, entry.conversation.id, not entry.unfolded))
        if entry.blind:
            menu.addAction(tr("Discard round…"), QKeySequence.StandardKey.Delete, self.discard_asked.emit)
        elif entry.trashed:
            self._add_trash_actions(menu, [each for each in items if each.trashed])
        else:
            self._add_actions(menu, [each for each in items if not (each.trashed or each.blind)])

    def _add_trash_actions(self, menu: QMenu, items: Sequence[SidebarItem]) -> None:
        menu.addAction(tr("Restore"), partial(self.restore_asked.emit, _ids(items)))
        menu.addAction(tr("Delete permanently…"), partial(self.purge_asked.emit, _ids(items), items[0].title))

    def _add_actions(self, menu: QMenu, items: Sequence[SidebarItem]) -> None:
        if len(items) == 1:
            keys = QKeySequence(Qt.Key.Key_F2)
            menu.addAction(tr("Rename"), keys, partial(self.rename, items[0].conversation.id))
            if not items[0].within:  # its comparison may be visible
                menu.addAction(tr("Move to new window"), partial(self.window_asked.emit, items[0].conversation.id))
        talks = [each for each in items if not each.comparison]
        if talks:
            pinned = all(each.conversation.pinned for each in talks)
            title = tr("Unpin") if pinned else tr("Pin")
            menu.addAction(title, partial(self.pin_asked.emit, _ids(talks), not pinned))
            archived = all(each.conversation.archived for each in talks)
            title = tr("Remove from archive") if archived else tr("Archive")
            menu.addAction(title, partial(self.archive_asked.emit, _ids(talks), not archived))
            menu.addAction(tr("Tags…"), partial(self.tags_asked.emit, _ids(talks)))
            menu.addAction(tr("Run these prompts again…"), partial(self.run_asked.emit, _ids(talks)))
        menu.addAction(tr("Export…"), partial(self.export_asked.emit, _ids(items)))
        menu.addSeparator()
        trash = partial(self.trash_asked.emit, _ids(items))
        menu.addAction(tr("Move to trash"), QKeySequence.StandardKey.Delete, trash)

    def _entry(self, row: int) -> Entry | None:
        return self.entries.entry(self.entries.index(row))

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()


def _place(item: SidebarItem) -> tuple[str, str, str, bool]:
    """Return a key that identifies the row of an item."""
    return item.conversation.id, item.message_id, item.within, item.trashed


def _ids(items: Sequence[SidebarItem]) -> list[str]:
    return [each.conversation.id for each in items]


def _sees(rows: ListView, conversation_id: str) -> bool:
    """Whether the row of a conversation is in the visible part of the list."""
    row = rows.entries.row_of(conversation_id)
    return row >= 0 and rows.viewport().rect().intersects(rows.visualRect(rows.entries.index(row)))
