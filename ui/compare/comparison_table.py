"""Table with a column per pane, in which the cells that differ are marked by a sign, a word and a color."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableView, QWidget

from ui.base.strings import tr
from ui.base.theme import Theme
from ui.widgets.labels import within_sentence
from ui.widgets.tips import plain_tip

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_LONGEST = 400
"""Maximum number of characters of a cell; its tooltip shows more."""

_LONGEST_TIP = 2_000
_NARROWEST, _WIDEST, _WIDEST_NAME = 112, 240, 190
_PRECISION = 100
"""Number of rows that determine the width of a column."""
_ROW, _AIR = 32, 26


class CellTone(Enum):
    """Emphasis of a cell; its sign says the same without color."""

    PLAIN = ""
    DIFFERENT = "≠"
    ADDED = "+"
    MOVED = "↕"
    MISSING = "–"
    INVALID = "✗"


class _Emphasis(Enum):
    NONE = auto()
    BACKGROUND = auto()
    MUTED = auto()
    BAD = auto()


_EMPHASES = {
    CellTone.PLAIN: _Emphasis.NONE,
    CellTone.DIFFERENT: _Emphasis.BACKGROUND,
    CellTone.ADDED: _Emphasis.BACKGROUND,
    CellTone.MOVED: _Emphasis.BACKGROUND,
    CellTone.MISSING: _Emphasis.MUTED,
    CellTone.INVALID: _Emphasis.BAD,
}


class TableCell(Struct, frozen=True):
    """Text of a cell and how it relates to the others; `said` is that relation in words for screen readers."""

    text: str
    tone: CellTone = CellTone.PLAIN
    said: str = ""
    tip: str = ""

    @property
    def shown(self) -> str:
        """The text with the sign of its tone, on one line."""
        line = within_sentence(" ".join(self.text[:_LONGEST].split()))
        return " ".join(each for each in (self.tone.value, line) if each)


class TableRow(Struct, frozen=True):
    """A row with its name; `differs` is whether its cells differ."""

    name: str
    cells: tuple[TableCell, ...]
    differs: bool = False
    tip: str = ""


class ComparisonModel(QAbstractTableModel):
    """Model of the table."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._font = QFont()
        self.head: tuple[str, ...] = ()
        self.rows: tuple[TableRow, ...] = ()

    def show(self, head: Sequence[str], rows: Sequence[TableRow], theme: Theme, font: QFont) -> None:
        """Replace the content, the colors and the font."""
        self.beginResetModel()
        self._font = font
        self.head, self.rows, self._theme = tuple(head), tuple(rows), theme
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.head)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, its colors, or the sentence for screen readers, which names row and column."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        cell = row.cells[index.column()]
        emphasis = _EMPHASES[cell.tone]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.shown
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip((cell.tip or cell.text)[:_LONGEST_TIP])
            case Qt.ItemDataRole.AccessibleTextRole:
                said = ", ".join(each for each in (cell.text[:_LONGEST], cell.said) if each)
                place = tr("{first}, {second}", first=row.name, second=self.head[index.column()])
                return tr("{name}: {value}.", name=place, value=said or tr("unknown")).rstrip(".")
            case Qt.ItemDataRole.BackgroundRole:
                return QColor(self._theme.tint) if emphasis is _Emphasis.BACKGROUND else None
            case Qt.ItemDataRole.ForegroundRole:
                colours = {_Emphasis.MUTED: self._theme.warn, _Emphasis.BAD: self._theme.bad}
                return QColor(colours[emphasis]) if emphasis in colours else None
            case Qt.ItemDataRole.FontRole:
                return _bold(self._font) if emphasis in (_Emphasis.BACKGROUND, _Emphasis.BAD) else None
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name of a pane, or of a row with a sign if it differs."""
        if orientation is Qt.Orientation.Horizontal:
            return self._column_header(section, role)
        if section >= len(self.rows):
            return None
        row = self.rows[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                name = within_sentence(row.name)
                return f"{CellTone.DIFFERENT.value} {name}" if row.differs else name
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr("{first}, {second}", first=row.name, second=tr("differs")) if row.differs else row.name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(row.tip or row.name)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None

    def _column_header(self, section: int, role: int) -> object:
        if section >= len(self.head):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.head[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.head[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        return None


def _bold(plain: QFont) -> QFont:
    font = QFont(plain)
    font.setWeight(QFont.Weight.DemiBold)
    return font


class ComparisonTable(QTableView):
    """Table whose row names stay visible while it scrolls sideways. Tab leaves it; arrows move between cells."""

    cell_chosen = Signal(int, int)
    """Emitted with the row and the column of a cell that was clicked, or on which Enter was pressed."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ComparisonModel(theme, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setProperty("role", "figures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        columns, names = self.horizontalHeader(), self.verticalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        columns.setTextElideMode(Qt.TextElideMode.ElideRight)
        names.setHighlightSections(False)
        names.setSectionsClickable(False)
        names.setDefaultSectionSize(_ROW)
        names.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        names.setMaximumWidth(_WIDEST_NAME)
        names.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._wanted: list[int] = []
        self.clicked.connect(self._choose)

    def show_rows(self, head: Sequence[str], rows: Sequence[TableRow], theme: Theme) -> None:
        """Replace the content. The current cell stays where it was, if it still exists."""
        row, column = self.currentIndex().row(), self.currentIndex().column()
        self.ensurePolished()
        self.rows.show(head, rows, theme, self.font())
        self._wanted = [self._wanted_width(at) for at in range(len(head))]
        self._fit()
        if row >= 0 and self.rows.hasIndex(row, column):
            self.setCurrentIndex(self.rows.index(row, column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _wanted_width(self, column: int) -> int:
        """Return the width that a column's title and its first cells need."""
        bold = QFontMetrics(_bold(self.font()))
        texts = [row.cells[column].shown for row in self.rows.rows[:_PRECISION]]
        widths = [bold.horizontalAdvance(text) for text in (self.rows.head[column], *texts)]
        return min(max(*widths, 0) + _AIR, _WIDEST)

    def _fit(self) -> None:
        """Give each column the width that it needs; if there is not enough, the widest ones get less."""
        widths, room = [*self._wanted], self.viewport().width() - 1
        while sum(widths) > room and max(widths) > _NARROWEST:
            widest = max(widths)
            below = max((each for each in widths if each < widest), default=0)
            count = widths.count(widest)
            least = max(below, _NARROWEST, widest - -(-(sum(widths) - room) // count))
            widths = [least if each == widest else each for each in widths]
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select a cell when the table receives the focus."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current cell by Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _choose(self, index: _Index) -> None:
        self.cell_chosen.emit(index.row(), index.column())
