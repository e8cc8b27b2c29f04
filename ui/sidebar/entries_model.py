"""List model of the sidebar's rows, with accessible names and drag data."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import number_text, tr, trn
from ui.sidebar.entries import Entry, EntryGroup, More, NameOf, RowState, SidebarItem, key_of
from ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole
"""Item data role for the Entry itself."""

MIME = "application/x-paragone-conversation"
"""MIME type of dragged conversations: their IDs, one per line in UTF-8."""

_CHOSEN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_RENAMED = _CHOSEN | Qt.ItemFlag.ItemIsEditable
_DRAGGED = _RENAMED | Qt.ItemFlag.ItemIsDragEnabled
"""Item flags, each including the ones before it."""

_TOLD = 2
"""Number of a comparison's models that are named where there is little space."""

STATE_NAMES = {
    RowState.ANSWERING: phrase("responding"),
    RowState.NEW: phrase("new"),
    RowState.FAILED: phrase("failed"),
}

_STATES = (RowState.ANSWERING, RowState.FAILED, RowState.NEW)
"""Order in which the states of a comparison's chats take precedence in its row."""


class EntriesModel(QAbstractListModel):
    """List model with headings, which cannot be selected, and items."""

    renamed = Signal(str, str)
    """Emitted with the ID of a conversation and the title that the user entered."""

    def __init__(self, name_of: NameOf, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._clock = clock
        self._entries: list[Entry] = []
        self._states: Mapping[str, RowState] = {}
        self._ids: Sequence[str] | None = None
        """Of the conversations that `neighbour` knows, in their order; made when it is asked."""

    def show_entries(self, entries: Sequence[Entry]) -> bool:
        """Replace the rows. Returns whether only their content changed, so that the scroll position can stay."""
        self._ids = None
        if _places(entries) == _places(self._entries):
            self._entries = list(entries)
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return True
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()
        return False

    def show_states(self, states: Mapping[str, RowState]) -> None:
        """Set the states of responses, by conversation ID."""
        before = [self.state(each) for each in self._entries]
        self._states = states
        for row, (was, each) in enumerate(zip(before, self._entries, strict=True)):
            if self.state(each) is not was:
                self.dataChanged.emit(self.index(row), self.index(row))

    def state(self, entry: Entry | None) -> RowState | None:
        """Return the state of a row. For a comparison, this is the most important state of its chats."""
        if not isinstance(entry, SidebarItem) or entry.message_id:
            return None
        states = {self._states.get(each) for each in entry.chats or (entry.conversation.id,)}
        return next((each for each in _STATES if each in states), None)

    @property
    def rows_answering(self) -> list[int]:
        """Indexes of the rows with a response in progress."""
        return [row for row, each in enumerate(self._entries) if self.state(each) is RowState.ANSWERING]

    def entry(self, index: Index) -> Entry | None:
        """Return the entry at an index."""
        row = index.row()
        return self._entries[row] if index.isValid() and row < len(self._entries) else None

    def row_of(self, conversation_id: str, message_id: str = "") -> int:
        """Return the index of the first row for a conversation, or for a match in it; -1 if there is none."""
        for row, entry in enumerate(self._entries):
            if not isinstance(entry, SidebarItem) or entry.conversation.id != conversation_id:
                continue
            if message_id in ("", entry.message_id):
                return row
        return -1

    def neighbour(self, conversation_id: str, by: int) -> str:
        """Return the ID of the conversation `by` rows away, or an empty string at the ends of the list.

        If the conversation is not listed, this is the first or last one. All matches in one conversation count
        as one row.
        """
        if self._ids is None:
            listed = (each for each in self._entries if isinstance(each, SidebarItem) and not each.blind)
            self._ids = list(dict.fromkeys(each.conversation.id for each in listed))
        ids = self._ids
        if conversation_id not in ids:
            return (ids[0] if by > 0 else ids[-1]) if ids else ""
        at = ids.index(conversation_id) + by
        return ids[at] if 0 <= at < len(ids) else ""

    def time(self, item: SidebarItem) -> str:
        """Return the time of the last activity, or of the match, as text."""
        return strings.when(item.at or item.conversation.updated_at, self._clock())

    def title(self, item: SidebarItem) -> str:
        """Return the row's title. Chats of a comparison have equal titles, so their model is returned."""
        if not item.within:
            return item.title
        name = self._name_of(item.conversation.model)
        return f"{name} · {number_text(item.number)}" if item.number else name

    def models(self, item: SidebarItem) -> str:
        """Return the distinct names of the item's models."""
        return ", ".join(dict.fromkeys(map(self._name_of, item.models)))

    def told(self, item: SidebarItem) -> str:
        """Describe a row so that it differs from others with the same title: kind, first models and time."""
        names = list(dict.fromkeys(map(self._name_of, item.models)))
        kind = tr("Comparison") if item.comparison else tr("Conversation")
        return ", ".join((kind, *names[:_TOLD], *(["…"] if len(names) > _TOLD else []), self.time(item)))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's own type
        """Return the Entry, its title or its accessible name."""
        entry = self.entry(index)
        if entry is None:
            return None
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if role == Qt.ItemDataRole.DisplayRole and isinstance(entry, SidebarItem):
                return self.title(entry)
            return more_text(entry) if isinstance(entry, More) else entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(entry)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(entry, SidebarItem):
            return plain_tip(self.title(entry))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401 - Qt's
        """Emit a title that the user entered. The row changes once the title is stored."""
        entry = self.entry(index)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not isinstance(entry, SidebarItem) or not title:
            return False
        if title != entry.title:
            self.renamed.emit(entry.conversation.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return the flags of a row. Items can be selected, edited and dragged; headings cannot."""
        entry = self.entry(index)
        if isinstance(entry, More):
            return _CHOSEN
        if not isinstance(entry, SidebarItem):
            return Qt.ItemFlag.NoItemFlags
        if entry.blind or entry.trashed:
            return _CHOSEN
        return _RENAMED if entry.comparison else _DRAGGED

    def mimeTypes(self) -> list[str]:
        """Return the MIME type of conversations."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the IDs of the conversations in these rows, each once."""
        held = (self.entry(index) for index in sorted(indexes, key=lambda each: each.row()))
        ids = dict.fromkeys(
            each.conversation.id
            for each in held
            if isinstance(each, SidebarItem) and not (each.comparison or each.blind)
        )
        data = QMimeData()
        data.setData(MIME, "\n".join(ids).encode())
        return data

    def spoken(self, entry: Entry) -> str:
        """Return the accessible name of a row."""
        if isinstance(entry, More):
            return more_text(entry)
        if isinstance(entry, EntryGroup):
            return entry.title if entry.count is None else f"{entry.title}, {count_text(entry)}"
        kind = tr("Comparison") if entry.comparison else ""
        if entry.unfolded:
            kind = tr("Comparison, expanded")
        models = tr("in a comparison") if entry.within else self.models(entry)
        state = self.state(entry)
        said = tr(STATE_NAMES[state]) if state is not None else ""
        parts = [self.title(entry), said, kind, models, self.time(entry), hits_text(entry), entry.snippet]
        parts += [", ".join(entry.conversation.tags)]
        return ", ".join(part for part in parts if part)


def hits_text(item: SidebarItem) -> str:
    """Return the number of matches in a conversation, or an empty string if there is only one."""
    parts = [tr("in title")] if item.in_title and item.marks else []
    if len(item.hits) > 1:
        parts.append(trn("{n} hit", "{n} hits", len(item.hits)))
    return " · ".join(parts)


def more_text(more: More) -> str:
    """Return the text of the row that stands for hidden entries."""
    return trn("Show {n} more", "Show {n} more", more.hidden)


def count_text(group: EntryGroup) -> str:
    """Return the number of rows below a heading."""
    if group.count is None:
        return ""
    return tr("{number}+", number=number_text(group.count)) if group.beyond else number_text(group.count)


def _places(entries: Sequence[Entry]) -> list[tuple[type, tuple[str, ...]]]:
    """Return the kinds and keys of rows. As long as they are the same, the scroll position can stay."""
    return [(type(each), key_of(each) if isinstance(each, SidebarItem) else ()) for each in entries]
