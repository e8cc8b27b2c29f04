"""The sidebar's entries as a Qt model, with names for screen readers; 10,000 conversations are one list."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui import strings
from ui.sidebar.entries import Entry, Group, Item, NameOf

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole
"""The Entry itself."""


class SidebarModel(QAbstractListModel):
    """Groups and items in order. Only items can be chosen."""

    renamed = Signal(str, str)
    """A conversation's id and the title that was typed for it."""

    def __init__(self, name_of: NameOf, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._clock = clock
        self._entries: list[Entry] = []

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """List these; where only what stands in the rows has changed, the view keeps its place."""
        if [type(each) for each in entries] == [type(each) for each in self._entries]:
            self._entries = list(entries)
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def entry(self, index: Index) -> Entry | None:
        """What is listed there."""
        row = index.row()
        return self._entries[row] if index.isValid() and row < len(self._entries) else None

    def row_of(self, conversation_id: str) -> int:
        """The first row of a conversation, -1 where it is not listed."""
        for row, entry in enumerate(self._entries):
            if isinstance(entry, Item) and entry.conversation.id == conversation_id:
                return row
        return -1

    def time(self, item: Item) -> str:
        """When a conversation was last spoken to, in words."""
        return strings.when(item.conversation.updated_at, self._clock())

    def rowCount(self, parent: Index | None = None) -> int:
        """How many entries are listed."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's own type
        """The entry, its title, or its name for a screen reader."""
        entry = self.entry(index)
        if entry is None:
            return None
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(entry)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401 - Qt's
        """Take a title that was typed; the list changes when it is kept."""
        entry = self.entry(index)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not isinstance(entry, Item) or not title:
            return False
        if title != entry.title:
            self.renamed.emit(entry.conversation.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Items can be chosen and renamed, headings only read."""
        if isinstance(self.entry(index), Item):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        return Qt.ItemFlag.NoItemFlags

    def _spoken(self, entry: Entry) -> str:
        if isinstance(entry, Group):
            return entry.title if entry.count is None else f"{entry.title}, {entry.count}"
        parts = [entry.title, self._name_of(entry.conversation.model), self.time(entry), entry.snippet]
        return ", ".join(part for part in parts if part)
