"""The list of conversations: opened by Enter or a click, renamed in place, moved to the trash, all by keyboard too."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from ui.sidebar.delegate import SidebarDelegate
from ui.sidebar.entries import Item, NameOf
from ui.sidebar.model import SidebarModel
from ui.theme import Themes


class ConversationList(QListView):
    """Shows a SidebarModel. `Conversations` to a screen reader."""

    opened = Signal(str, str)
    """A conversation was chosen: its id, and the id of the message that was found in it, or nothing."""
    trash_asked = Signal(str)
    """A conversation is to go to the trash."""
    pin_asked = Signal(str, bool)
    """A conversation is to be pinned, or not any more."""
    archive_asked = Signal(str, bool)
    """A conversation is to go to the archive, or to come back."""
    restore_asked = Signal(str)
    """A conversation is to come back from the trash."""
    purge_asked = Signal(str, str)
    """A conversation of the trash is to be deleted for good: its id and its title."""
    export_asked = Signal(str)
    """A conversation or comparison is to be exported."""
    options_wanted = Signal(QMenu)
    """A menu opens that takes what can be said of the whole list."""
    left_upwards = Signal()
    """The up key was pressed on the first row."""

    def __init__(self, themes: Themes, name_of: NameOf, clock: Callable[[], datetime], parent: QWidget) -> None:
        super().__init__(parent)
        self.entries = SidebarModel(name_of, clock, self)
        self._delegate = SidebarDelegate(self.entries, themes, self)
        self.setModel(self.entries)
        self.setItemDelegate(self._delegate)
        self.setProperty("role", "surface")
        self.setAccessibleName("Conversations")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.customContextMenuRequested.connect(self._show_menu)
        self.clicked.connect(self._open)
        themes.changed.connect(self._repaint)

    @property
    def current_item(self) -> Item | None:
        """The conversation that the keyboard is on."""
        entry = self.entries.entry(self.currentIndex())
        return entry if isinstance(entry, Item) else None

    def mark_opened(self, conversation_id: str) -> None:
        """Show which conversation the window shows."""
        self._delegate.opened = conversation_id
        row = self.entries.row_of(conversation_id)
        if row < 0:
            self.setCurrentIndex(QModelIndex())
        elif (current := self.current_item) is None or current.conversation.id != conversation_id:
            self.setCurrentIndex(self.entries.index(row))
        self.viewport().update()

    def focus_first(self) -> None:
        """Go to the list, to its first conversation where none is chosen."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def rename(self, conversation_id: str) -> bool:
        """Let the title be typed in its row; whether it is listed."""
        row = self.entries.row_of(conversation_id)
        if row < 0:
            return False
        index = self.entries.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Arrive on a row, so that the first arrow key moves and a screen reader has something to say."""
        super().focusInEvent(event)
        if self.current_item is None and event.reason() != Qt.FocusReason.MouseFocusReason:
            for row in range(min(2, self.entries.rowCount())):
                if isinstance(self.entries.entry(self.entries.index(row)), Item):
                    self.setCurrentIndex(self.entries.index(row))
                    return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, F2 renames, Delete moves to the trash, Up on the first row leaves the list."""
        item = self.current_item
        before = self.currentIndex().row()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(item.conversation.id, item.message_id)
        elif item is not None and event.key() == Qt.Key.Key_F2:
            self.rename(item.conversation.id)
        elif item is not None and event.matches(QKeySequence.StandardKey.Delete):
            if item.trashed:
                self.purge_asked.emit(item.conversation.id, item.title)
            else:
                self.trash_asked.emit(item.conversation.id)
        else:
            super().keyPressEvent(event)
            if event.key() == Qt.Key.Key_Up and self.currentIndex().row() == before:
                self.left_upwards.emit()

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex | QPersistentModelIndex) -> None:
        entry = self.entries.entry(index)
        if isinstance(entry, Item):
            self.opened.emit(entry.conversation.id, entry.message_id)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        entry = self.entries.entry(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(entry, Item):
            self._add_item_actions(menu, entry)
            menu.addSeparator()
        self.options_wanted.emit(menu)
        menu.popup(self.viewport().mapToGlobal(at))

    def _add_item_actions(self, menu: QMenu, entry: Item) -> None:
        summary = entry.conversation
        conversation_id = summary.id
        if entry.trashed:
            menu.addAction("Open", lambda: self.opened.emit(conversation_id, ""))
            menu.addAction("Restore", lambda: self.restore_asked.emit(conversation_id))
            menu.addAction("Delete for good…", lambda: self.purge_asked.emit(conversation_id, entry.title))
            return
        menu.addAction("Open", lambda: self.opened.emit(conversation_id, entry.message_id))
        menu.addAction("Rename", QKeySequence(Qt.Key.Key_F2), lambda: self.rename(conversation_id))
        if not entry.comparison:
            pin = "Unpin" if summary.pinned else "Pin"
            menu.addAction(pin, lambda: self.pin_asked.emit(conversation_id, not summary.pinned))
            archive = "Take out of the archive" if summary.archived else "Archive"
            menu.addAction(archive, lambda: self.archive_asked.emit(conversation_id, not summary.archived))
        menu.addAction("Export…", lambda: self.export_asked.emit(conversation_id))
        menu.addSeparator()
        menu.addAction("Move to trash", QKeySequence.StandardKey.Delete, lambda: self.trash_asked.emit(conversation_id))

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()
