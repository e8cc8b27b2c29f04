"""List model of a transcript's rows for views and screen readers."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QToolTip

from ui.transcript.message.row import Row

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class RowsModel(QAbstractListModel):
    """List model of rows in conversation order. Their accessible names are their texts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self.tip = ""
        """The tooltip of what the mouse is on, which no row has as a whole."""

    @property
    def rows(self) -> Sequence[Row]:
        """The current rows in order."""
        return self._rows

    @property
    def last(self) -> Row | None:
        """The newest row, or None."""
        return self._rows[-1] if self._rows else None

    def show_tip(self, tip: str) -> None:
        """Set the tooltip and hide the previous one."""
        if tip != self.tip:
            self.tip = tip
            QToolTip.hideText()

    def replace(self, rows: Sequence[Row]) -> int:
        """Replace the rows. Returns how many rows at the beginning are unchanged."""
        same = 0
        while same < min(len(rows), len(self._rows)) and rows[same] is self._rows[same]:
            same += 1
        if same < len(self._rows):
            self.beginRemoveRows(_ROOT, same, len(self._rows) - 1)
            self._rows = self._rows[:same]  # whoever has the list keeps it as it was
            self.endRemoveRows()
        if same < len(rows):
            self.beginInsertRows(_ROOT, same, len(rows) - 1)
            self._rows = [*self._rows, *rows[same:]]
            self.endInsertRows()
        return same

    def number(self, row: Row) -> int:
        """Return the index of a row.

        Raises:
            ValueError: If the row is not in the list.
        """
        if self._rows and self._rows[-1] is row:
            return len(self._rows) - 1
        return self._rows.index(row)

    def tell(self, row: Row) -> None:
        """Inform screen readers that a row has changed. Painting is up to the view."""
        if QAccessible.isActive():
            at = self.index(self.number(row))
            self.dataChanged.emit(at, at)

    def row_at(self, index: Index) -> Row | None:
        """Return the row at a model index, or None."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row itself, or its text for screen readers."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.heard
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.author
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip
        return None
