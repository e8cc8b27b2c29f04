"""Read-only table of figures: the first column holds names, the others numbers."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableView, QWidget

from ui.base.strings import tr
from ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_TALLEST = 320
"""Height in pixels above which the table scrolls."""


class FigureRowsModel(QAbstractTableModel):
    """Table model of texts; unknown figures are empty."""

    def __init__(self, head: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._head = tuple(head)
        self._rows: tuple[tuple[str, ...], ...] = ()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The texts of all cells, row by row."""
        return self._rows

    def show(self, rows: Sequence[tuple[str, ...]], head: Sequence[str] = ()) -> None:
        """Replace the rows, and the column titles if `head` is not empty."""
        self.beginResetModel()
        self._head, self._rows = tuple(head) or self._head, tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of columns, which is that of the titles."""
        return 0 if parent.isValid() else len(self._head)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text; for screen readers, it includes the column title."""
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell or "–"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(cell) if index.column() == 0 else None
            case Qt.ItemDataRole.AccessibleTextRole:
                name, value = self._head[index.column()], cell or tr("unknown")
                return tr("{name}: {value}.", name=name, value=value).rstrip(".")
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignLeading if index.column() == 0 else Qt.AlignmentFlag.AlignTrailing
                return side | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title of a column."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._head):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._head[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeading if section == 0 else Qt.AlignmentFlag.AlignTrailing
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class RowsTable(QTableView):
    """Table that is as tall as its rows, up to a limit. Tab moves the focus out of it."""

    def __init__(self, name: str, head: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FigureRowsModel(head, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setProperty("role", "figures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setResizeContentsPrecision(200)
        header.setStretchLastSection(False)
        self.rows.modelReset.connect(self._fit)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the current row when the table receives the focus."""
        super().focusInEvent(event)
        if not self.selectionModel().hasSelection() and self.rows.rowCount():
            self.selectRow(max(self.currentIndex().row(), 0))

    def _fit(self) -> None:
        whole = self.rows.rowCount() * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height()
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(min(head + whole + bar + 2 * self.frameWidth(), _TALLEST))
