"""Table inside a card, with hairlines between rows, tinted figures and painted intervals."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.base.theme import Theme, Themes
from ui.widgets.rows_table import FigureRowsModel, RowsTable

_ROW = 30
_PAD = 10
_LEAST_SPAN = 10.0
_WIDE = 150
"""Width of the column of intervals, and the most of the other columns except the first, in pixels."""
_DOT = 3.5


class PaintedInterval(NamedTuple):
    """Interval in points with the name of its color in the theme."""

    low: float
    points: float
    high: float
    tone: str


class CardTableDelegate(QStyledItemDelegate):
    """Paints cells of a CardTable. `tones` are names of theme colors by row and column."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.tones: Mapping[tuple[int, int], str] = {}
        self.intervals: Sequence[PaintedInterval] = ()
        self.column = -1
        """The column of the intervals."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Set the color of a cell, and leave out the text of a painted one."""
        super().initStyleOption(option, index)
        if tone := self.tones.get((index.row(), index.column())):
            colour = QColor(getattr(self._themes.current, tone))
            option.palette.setColor(QPalette.ColorRole.Text, colour)  # pyright: ignore[reportAttributeAccessIssue]
        if index.column() == self.column:
            option.text = ""  # pyright: ignore[reportAttributeAccessIssue]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a cell, the line below it and its interval."""
        super().paint(painter, option, index)
        theme, area = self._themes.current, option.rect  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if index.column() == self.column and index.row() < len(self.intervals):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            turned = option.direction == Qt.LayoutDirection.RightToLeft  # pyright: ignore[reportAttributeAccessIssue]
            ends = (area.right() - _PAD, area.left() + _PAD) if turned else (area.left() + _PAD, area.right() - _PAD)
            self._paint(painter, theme, self.intervals[index.row()], ends, area.center().y())
        painter.restore()

    def _paint(
        self, painter: QPainter, theme: Theme, shown: PaintedInterval, ends: tuple[int, int], middle: int
    ) -> None:
        span = max(_LEAST_SPAN, *(max(abs(each.low), abs(each.high)) for each in self.intervals))

        def x(points: float) -> float:
            return ends[0] + (points + span) / (2 * span) * (ends[1] - ends[0])

        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawLine(QPointF(x(0), middle - 6), QPointF(x(0), middle + 6))
        colour = QColor(getattr(theme, shown.tone))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x(shown.low), middle), QPointF(x(shown.high), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x(shown.points), middle), _DOT, _DOT)


class CardRowsModel(FigureRowsModel):
    """Rows of a CardTable; the title of the column of intervals is centered above them."""

    painted = -1
    """The column of the intervals."""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the title of a column."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section == self.painted:
            return Qt.AlignmentFlag.AlignCenter
        return super().headerData(section, orientation, role)


class CardTable(RowsTable):
    """As tall as its rows. The first column takes the remaining width."""

    def __init__(self, name: str, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(name, ("",), parent)
        self.rows = self._painted = CardRowsModel(("",), self)
        self.setModel(self.rows)
        self.rows.modelReset.connect(self._fit)
        self._paints = CardTableDelegate(themes, self)
        self.setItemDelegate(self._paints)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setMaximumSectionSize(_WIDE)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        themes.changed.connect(self._themed)

    def show_rows(
        self,
        head: Sequence[str],
        rows: Sequence[tuple[str, ...]],
        *,
        tones: Mapping[tuple[int, int], str] | None = None,
        intervals: Sequence[PaintedInterval] = (),
    ) -> None:
        """Show rows. `intervals` are painted in the last column instead of its texts."""
        self._paints.tones, self._paints.intervals = tones or {}, intervals
        self._paints.column = self._painted.painted = len(head) - 1 if intervals else -1
        self.rows.show(rows, head)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        if intervals:
            header.setSectionResizeMode(len(head) - 1, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(len(head) - 1, _WIDE)

    def _fit(self) -> None:
        """Take the height of all rows, because the page scrolls."""
        head = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(head + self.rows.rowCount() * _ROW + 2 * self.frameWidth())

    @Slot()
    def _themed(self) -> None:
        self.viewport().update()
