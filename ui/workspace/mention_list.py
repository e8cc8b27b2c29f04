"""List of panes that opens while "@" is typed; the focus stays in the prompt field.

The list is a child of the window, because popup windows are black without a compositor and not visible to screen
readers.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from ui.base.strings import tr
from ui.base.theme import Themes
from ui.widgets.item_list import ItemList
from ui.widgets.open_things import OpenThing
from ui.widgets.row_painter import RowPainter, sized
from ui.widgets.shadow import Shadow

_WIDE, _ROW, _ABOVE = 340, 30, 6
PLACE = Qt.ItemDataRole.UserRole
_FACTS = Qt.ItemDataRole.UserRole + 1
_SQUARE, _NUMBER, _NAME = 10, 26, 46
"""Offsets in pixels of the pane's color, of its number and of its model's name."""


class PaneFacts(NamedTuple):
    """Content of a pane's row in the list."""

    number: str
    model: str
    connection: str
    colour: str


class PanePainter(QStyledItemDelegate):
    """Paints a row: the pane's color, number, model and connection."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a row with one line."""
        del option, index
        return QSize(_WIDE - 40, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row of the list."""
        row, theme = RowPainter.of(painter, option), self._themes.current
        facts: PaneFacts = index.data(_FACTS)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if row.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setBrush(QColor(theme.tint))
            painter.drawRoundedRect(row.rect.adjusted(0, 1, 0, -1), 6, 6)
        painter.setBrush(QColor(facts.colour))
        start, width = row.rect.left(), row.rect.width()
        painter.drawRoundedRect(row.placed(QRect(start + _SQUARE, row.rect.center().y() - 3, 8, 8)), 2, 2)
        line, font = row.rect.adjusted(_NUMBER, 0, -_SQUARE, 0), sized(row.font, 13)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        row.begin(line, facts.number, font, theme.muted)
        # A long name leaves space for its connection.
        place = QFontMetrics(font).horizontalAdvance(facts.connection) + 12
        room = max(width - _NAME - _SQUARE - place, width // 2)
        used = row.begin(QRect(start + _NAME, row.rect.top(), room, _ROW), facts.model, bold, theme.text)
        row.begin(row.rect.adjusted(_NAME + used + 12, 0, -_SQUARE, 0), facts.connection, font, theme.muted)
        painter.restore()


class MentionList(QFrame, OpenThing):
    """List of panes with number, color, model and connection. Tab and Enter choose the selected one."""

    def __init__(self, themes: Themes, window: QWidget, field: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Panes to address"))
        self.rows = ItemList(self)
        self.rows.field = field
        self.rows.setAccessibleName(tr("Panes to address"))
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setItemDelegate(PanePainter(themes, self.rows))
        self.rows.setStyleSheet("QListView { background: transparent; }")
        self.model = QStandardItemModel(self)
        self.rows.setModel(self.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.rows)
        Shadow(self)
        self.hide()

    @property
    def place(self) -> int:
        """Index of the selected pane."""
        return int(self.rows.currentIndex().data(PLACE))

    def add(self, place: int, facts: PaneFacts, spoken: str) -> None:
        """Append the row for a pane."""
        item = QStandardItem(spoken)
        item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
        item.setData(place, PLACE)
        item.setData(facts, _FACTS)
        self.model.appendRow(item)

    def close_by_key(self) -> None:
        """Hide the list. The focus is in the prompt field already."""
        self.hide()

    def step(self, step: int) -> None:
        """Select another row, `step` rows further, wrapping around."""
        count = self.model.rowCount()
        self.rows.setCurrentIndex(self.model.index((self.rows.currentIndex().row() + step) % count, 0))

    def show_above(self, frame: QWidget) -> None:
        """Show the list above the prompt field."""
        tall = self.model.rowCount() * _ROW + 14
        wide = min(_WIDE, frame.width())
        at = frame.mapTo(frame.window(), QPoint(0 if frame.isLeftToRight() else frame.width() - wide, 0))
        tall = min(tall, max(at.y() - 2 * _ABOVE, _ROW + 14))
        self.setGeometry(at.x(), at.y() - tall - _ABOVE, wide, tall)
        self.show()
        self.raise_()
