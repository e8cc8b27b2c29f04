"""The list of panes that opens while “@” is typed: a part of the window, and the keyboard stays in the field.

A window of its own would be black where no compositor runs, and screen readers would not be told of it.
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
"""Pixels from the row's begin to the pane's color, its number and its model's name."""


class PaneFacts(NamedTuple):
    """What a row says of a pane."""

    number: str
    model: str
    connection: str
    colour: str


class PanePainter(QStyledItemDelegate):
    """A pane's color, number and model, then its connection."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line."""
        del option, index
        return QSize(_WIDE - 40, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one pane."""
        row, theme = RowPainter.of(painter, option), self._themes.current
        facts: PaneFacts = index.data(_FACTS)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if row.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setBrush(QColor(theme.tint))
            painter.drawRoundedRect(row.rect.adjusted(0, 1, 0, -1), 6, 6)
        painter.setBrush(QColor(facts.colour))
        left, width = row.rect.left(), row.rect.width()
        painter.drawRoundedRect(row.placed(QRect(left + _SQUARE, row.rect.center().y() - 3, 8, 8)), 2, 2)
        line, font = row.rect.adjusted(_NUMBER, 0, -_SQUARE, 0), sized(row.font, 13)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        row.begin(line, facts.number, font, theme.muted)
        # A long name leaves room for where it is served.
        place = QFontMetrics(font).horizontalAdvance(facts.connection) + 12
        room = max(width - _NAME - _SQUARE - place, width // 2)
        used = row.begin(QRect(left + _NAME, row.rect.top(), room, _ROW), facts.model, bold, theme.text)
        row.begin(row.rect.adjusted(_NAME + used + 12, 0, -_SQUARE, 0), facts.connection, font, theme.muted)
        painter.restore()


class MentionList(QFrame, OpenThing):
    """Panes by number, color, model and connection; one of them is what Tab and Enter take."""

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
        """The place of the pane that is taken."""
        return int(self.rows.currentIndex().data(PLACE))

    def add(self, place: int, facts: PaneFacts, spoken: str) -> None:
        """One row more."""
        item = QStandardItem(spoken)
        item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
        item.setData(place, PLACE)
        item.setData(facts, _FACTS)
        self.model.appendRow(item)

    def close_by_key(self) -> None:
        """Close."""
        self.hide()

    def step(self, step: int) -> None:
        """Go to the next row, round at the ends."""
        count = self.model.rowCount()
        self.rows.setCurrentIndex(self.model.index((self.rows.currentIndex().row() + step) % count, 0))

    def show_above(self, frame: QWidget) -> None:
        """Show above what is typed, where lines begin."""
        tall = self.model.rowCount() * _ROW + 14
        wide = min(_WIDE, frame.width())
        at = frame.mapTo(frame.window(), QPoint(0 if frame.isLeftToRight() else frame.width() - wide, 0))
        tall = min(tall, max(at.y() - 2 * _ABOVE, _ROW + 14))
        self.setGeometry(at.x(), at.y() - tall - _ABOVE, wide, tall)
        self.show()
        self.raise_()
