"""List of runs or replays with name, start time and state."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.conversation_types import now
from desktop.domain.suite_cells import RunRecord, RunState
from ui.base import strings
from ui.base.icons import icon
from ui.base.theme import Themes
from ui.compare.run_progress import state_text
from ui.widgets.item_list import ItemList
from ui.widgets.row_painter import RowPainter, sized
from ui.widgets.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_ROW, _EDGE, _ICON = 48, 12, 14
RUN = Qt.ItemDataRole.UserRole + 1

_ICONS = {
    RunState.WAITING: "clock",
    RunState.RUNNING: "play",
    RunState.STOPPED: "pause",
    RunState.CAPPED: "pause",
    RunState.COMPLETE: "check",
}


class RunsModel(QAbstractListModel):
    """List model of the runs, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[RunRecord, ...] = ()

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """The runs in display order, newest first."""
        return self._runs

    def show(self, runs: Sequence[RunRecord]) -> None:
        """Replace the rows. If the runs are the same, their rows and the selection stay."""
        if [each.id for each in runs] == [each.id for each in self._runs]:
            self._runs = tuple(runs)
            if runs:
                self.dataChanged.emit(self.index(0), self.index(len(runs) - 1))
            return
        self.beginResetModel()
        self._runs = tuple(runs)
        self.endResetModel()

    def place(self, run_id: str) -> QModelIndex:
        """Return the model index of a run; the index is invalid if the run is not listed."""
        row = next((row for row, each in enumerate(self._runs) if each.id == run_id), -1)
        return self.index(row) if row >= 0 else QModelIndex()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a run, or its text for display and screen readers."""
        if not index.isValid():
            return None
        run = self._runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return run.name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(run.name)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{run.name}. {line_of(run)}"
            case _ if role == RUN:
                return run
            case _:
                return None


def line_of(run: RunRecord) -> str:
    """Return a run's start time and state."""
    return f"{strings.when(run.created_at, now().astimezone())} · {state_text(run.state)}"


class _RunDelegate(QStyledItemDelegate):
    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the fixed row height."""
        del option, index
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the name, time and state of a run."""
        run = index.data(RUN)
        if not isinstance(run, RunRecord):
            return
        theme, row = self._themes.current, RowPainter.of(painter, option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tint))
            painter.drawRoundedRect(row.rect.adjusted(6, 2, -6, -2), 6, 6)
        inner = row.rect.adjusted(_EDGE, 5, -_EDGE, -5)
        name = QFont(sized(row.font, 13))
        name.setWeight(QFont.Weight.DemiBold if row.state & QStyle.StateFlag.State_Selected else QFont.Weight.Normal)
        row.begin(QRect(inner.left() + 4, inner.top(), inner.width() - 8, 20), run.name, name, theme.text)
        place = QRect(inner.left() + 4, inner.top() + 21, _ICON, _ICON)
        icon(_ICONS[run.state], theme.muted, _ICON).paint(painter, row.placed(place))
        line = QRect(inner.left() + 8 + _ICON, inner.top() + 20, inner.width() - 12 - _ICON, 16)
        row.begin(line, line_of(run), sized(row.font, 11), theme.muted)
        painter.restore()


class RunList(ItemList):
    """List of runs in which one is selected by mouse or arrow keys; Enter opens it."""

    chosen = Signal(str)
    entered = Signal(str)

    def __init__(self, runs: RunsModel, themes: Themes, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.setModel(runs)
        self.setItemDelegate(_RunDelegate(themes, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._changed)
        themes.changed.connect(self.viewport().update)

    def choose(self, run_id: str) -> None:
        """Select a run in the list; if it is not listed, select nothing."""
        if (place := self.runs.place(run_id)).isValid():
            self.setCurrentIndex(place)
        else:
            self.clearSelection()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the selected run on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.entered.emit(self.runs.runs[self.currentIndex().row()].id)
        else:
            super().keyPressEvent(event)

    def _changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.runs.runs[current.row()].id)
