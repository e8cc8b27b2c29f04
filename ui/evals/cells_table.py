"""Table of a run's cells, each with status icon, first line and time."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.domain.suite_cells import CellStatus
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme, Themes
from ui.evals.cell_text import ICONS, CellSummary
from ui.evals.cells_model import SUMMARY, CellsModel
from ui.widgets.row_painter import RowPainter, sized

ROW = 46
_EDGE, _ICON, _GAP = 10, 14, 6
_LEAST, _CASE_LEAST = 180, 200


class CellDelegate(QStyledItemDelegate):
    """Paints the cells of a run in the colors of the current theme."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the fixed row height."""
        del option, index
        return QSize(_LEAST, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell of the table."""
        theme = self._themes.current
        row = RowPainter.of(painter, option)
        painter.save()
        if row.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row.rect, QColor(theme.tint))
        told = index.data(SUMMARY)
        if isinstance(told, CellSummary):
            self._cell(row, told, theme)
        elif isinstance(told, str):
            self._case(row, told, str(index.data() or ""), theme)
        painter.setPen(QColor(theme.line))
        painter.drawLine(row.rect.bottomLeft(), row.rect.bottomRight())
        painter.restore()

    def _case(self, row: RowPainter, number: str, prompt: str, theme: Theme) -> None:
        small = sized(row.font, 11)
        inner = row.rect.adjusted(_EDGE, 4, -_EDGE, -4)
        row.begin(_upper(inner), prompt, sized(row.font, 13), theme.text)
        row.begin(_lower(inner), number, small, theme.muted)

    def _cell(self, row: RowPainter, told: CellSummary, theme: Theme) -> None:
        inner = row.rect.adjusted(_EDGE, 4, -_EDGE, -4)
        colour = status_colour(told.status, theme)
        upper = _upper(inner)
        place = QRect(upper.left(), upper.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon(ICONS[told.status], colour, _ICON).paint(row.painter, row.placed(place))
        beside = upper.adjusted(_ICON + _GAP, 0, 0, 0)
        row.begin(beside, told.line or told.said, sized(row.font, 13), theme.text)
        below = _lower(inner).adjusted(_ICON + _GAP, 0, 0, 0)
        small = sized(row.font, 11)
        said = told.said if told.line else ""
        row.begin(below, " · ".join(filter(None, (said, told.figures))), small, theme.muted)


def _upper(inner: QRect) -> QRect:
    return QRect(inner.left(), inner.top(), inner.width(), 20)


def _lower(inner: QRect) -> QRect:
    return QRect(inner.left(), inner.top() + 20, inner.width(), 16)


def status_colour(status: CellStatus, theme: Theme) -> str:
    """Return the color of a status, which the status icon conveys as well."""
    return {
        CellStatus.PASSED: theme.good,
        CellStatus.FAILED: theme.bad,
        CellStatus.UNGRADED: theme.muted,
        CellStatus.ERROR: theme.warn,
    }[status]


class CellsTable(QTableView):
    """Table of cases. Enter and double click open a cell; Tab moves the focus out of the table."""

    chosen = Signal(int, int)
    """Emitted with the row and the contender of the cell to open; -1 stands for the case itself."""

    def __init__(self, cells: CellsModel, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = cells
        self.setModel(cells)
        self.setItemDelegate(CellDelegate(themes, self))
        self.setAccessibleName(tr("Cases and responses"))
        self.setProperty("role", "figures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(80)
        self.doubleClicked.connect(self._choose)
        cells.modelReset.connect(self._fit)
        themes.changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current cell on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the first response when the table receives the focus."""
        if not self.currentIndex().isValid() and self._cells.rowCount():
            self.setCurrentIndex(self._cells.index(0, min(1, self._cells.columnCount() - 1)))
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the width among the columns."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        columns = self._cells.columnCount()
        if columns < 1:
            return
        width = self.viewport().width()
        of_case = max(_CASE_LEAST, width // (columns + 1))
        each = max(_LEAST, (width - of_case) // max(columns - 1, 1))
        for column in range(columns):
            self.setColumnWidth(column, of_case if column == 0 else each)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row(), index.column() - 1)
