"""Draws the sidebar's rows: headings in small capitals, conversations with their model's mark and time."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.sidebar.entries import Group, Item
from ui.sidebar.model import SidebarModel
from ui.theme import Theme, Themes

ROW, FOUND_ROW, GROUP, FIRST_GROUP = 30, 50, 31, 26
"""Heights in pixels of a conversation, a hit, a heading, and the first heading."""

_EDGE, _INDENT, _RIGHT, _MARK = 8, 32, 16, 8

Index = QModelIndex | QPersistentModelIndex


class SidebarDelegate(QStyledItemDelegate):
    """Rows in the colours of the theme in use."""

    def __init__(self, model: SidebarModel, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes
        self.opened = ""
        """The id of the conversation that is shown in the window."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The height of a row."""
        del option
        entry = self._model.entry(index)
        if isinstance(entry, Group):
            return QSize(0, FIRST_GROUP if index.row() == 0 else GROUP)
        return QSize(0, FOUND_ROW if isinstance(entry, Item) and entry.snippet else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        entry = self._model.entry(index)
        rect, font, state = _facts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, Group):
            self._heading(painter, rect, font, entry)
        elif isinstance(entry, Item):
            self._item(painter, rect, font, state, entry)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field for the title."""
        del option, index
        editor = QLineEdit(parent)
        editor.setProperty("role", "inline")
        editor.setAccessibleName("Title")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Put the field over the title."""
        del index
        rect = _facts(option)[0]
        editor.setGeometry(QRect(_INDENT - 8, rect.top() + 3, rect.width() - _INDENT, ROW - 6))

    def _heading(self, painter: QPainter, rect: QRect, font: QFont, group: Group) -> None:
        theme = self._themes.current
        small = _sized(font, 11)
        bold = QFont(small)
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.4)
        inner = QRect(_EDGE * 2, rect.bottom() - 24, rect.width() - _EDGE * 2 - _RIGHT, 24)
        painter.setPen(QColor(theme.muted))
        painter.setFont(small)
        number = f"{group.count:,}"
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        room = inner.width() - QFontMetrics(small).horizontalAdvance(number) - 8
        painter.setFont(bold)
        title = QFontMetrics(bold).elidedText(group.title.upper(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)

    def _item(self, painter: QPainter, rect: QRect, font: QFont, state: QStyle.StateFlag, item: Item) -> None:
        theme = self._themes.current
        self._background(painter, rect, state, theme, opened=item.conversation.id == self.opened)
        line = QRect(_INDENT, rect.top(), rect.width() - _INDENT - _RIGHT, ROW)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.mark(item.conversation.model)))
        mark = QRectF(_EDGE * 2, line.center().y() - _MARK / 2 + 0.5, _MARK, _MARK)
        painter.drawRoundedRect(mark, 2, 2)
        small, body = _sized(font, 11), _sized(font, 13)
        time = self._model.time(item)
        painter.setPen(QColor(theme.muted))
        painter.setFont(small)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, time)
        room = line.width() - QFontMetrics(small).horizontalAdvance(time) - 10
        if item.snippet:
            below = line.translated(0, 20)
            snippet = QFontMetrics(small).elidedText(item.snippet, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, snippet)
        painter.setPen(QColor(theme.text))
        painter.setFont(body)
        title = QFontMetrics(body).elidedText(item.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)

    def _background(
        self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, theme: Theme, *, opened: bool
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        if opened or selected:
            painter.setBrush(QColor(theme.tint))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(theme.bubble))
        else:
            return
        painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(rect).adjusted(_EDGE + 0.5, 0.5, -_EDGE - 0.5, -0.5), 6, 6)


def _facts(option: QStyleOptionViewItem) -> tuple[QRect, QFont, QStyle.StateFlag]:
    """What an option holds; the stubs do not declare it."""
    return option.rect, option.font, option.state  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]


def _sized(font: QFont, pixels: int) -> QFont:
    made = QFont(font)
    made.setPixelSize(pixels)
    return made
