"""How a row is drawn: the prompt in its bubble, the answer under its model's name."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import Theme
from ui.transcript.model import ROW_ROLE, RowsModel
from ui.transcript.rows import Fonts, Geometry, Row

MARGIN = 20
"""Pixels of canvas left and right of the column, at least."""


class RowPainter(QStyledItemDelegate):
    """Draws rows in a column of at most 72 characters, in the middle of the view."""

    def __init__(self, theme: Theme, fonts: Fonts, model: RowsModel) -> None:
        super().__init__(model)
        self._model = model
        self.theme = theme
        self.fonts = fonts
        self.width = 400
        self._columns: tuple[int, tuple[int, int]] = (-1, (0, 0))
        self.caret = True
        self.selected: tuple[Row | None, int, int] = (None, 0, 0)

    def column(self, width: int) -> tuple[int, int]:
        """Left edge and width of the column in a view of a width."""
        if self._columns[0] == width:
            return self._columns[1]
        wide = max(min(width - 2 * MARGIN, self.fonts.column), 80)
        self._columns = (width, (max((width - wide) // 2, 0), wide))
        return self._columns[1]

    def geometry(self, row: Row) -> Geometry:
        """Where the parts of a row lie in its column."""
        return row.geometry(self.column(self.width)[1], self.fonts)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as the view, as high as the row."""
        del option
        return QSize(10, self.geometry(self._model.rows[index.row()]).height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        row: Row | None = index.data(ROW_ROLE)
        if row is None:
            return
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        palette: QPalette = option.palette  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        geometry = self.geometry(row)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.column(self.width)[0], area.top())
        if not geometry.bubble.isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.bubble))
            painter.drawRoundedRect(geometry.bubble, 8, 8)
        self._head(painter, row, geometry)
        self._texts(painter, row, geometry, palette, area)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            self._ring(painter, geometry)
        painter.restore()

    def _head(self, painter: QPainter, row: Row, geometry: Geometry) -> None:
        painter.setPen(QColor(self.theme.muted))
        painter.setFont(self.fonts.label)
        name = painter.fontMetrics().elidedText(row.who, Qt.TextElideMode.ElideRight, geometry.label.width())
        painter.drawText(geometry.label, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, name)
        if not geometry.fold.isEmpty():
            painter.setFont(self.fonts.small)
            painter.drawText(geometry.fold, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, row.fold_text)
        if not geometry.reasoning.isEmpty():
            bar = QRect(2, geometry.reasoning.top(), 2, geometry.reasoning.height())
            painter.fillRect(bar, QColor(self.theme.line))

    def _texts(self, painter: QPainter, row: Row, geometry: Geometry, palette: QPalette, area: QRect) -> None:
        column = self.column(self.width)[1]
        clip = QRectF(painter.clipBoundingRect()) if painter.hasClipping() else QRectF(0, 0, column, area.height())
        text, muted = QColor(self.theme.text), QColor(self.theme.muted)
        nothing = (0, 0)
        if not geometry.reasoning.isEmpty():
            at = QPointF(geometry.reasoning.topLeft())
            row.thought(self.fonts).paint(painter, at, clip, muted, nothing, palette)
        if not geometry.body.isEmpty():
            marked = self.selected[1:] if self.selected[0] is row else nothing
            body, at = row.body(self.fonts), QPointF(geometry.body.topLeft())
            body.paint(painter, at, clip, text, marked, palette)
            if row.live and self.caret:
                end = body.end_rect()
                painter.fillRect(QRectF(at.x() + end.x() + 1, at.y() + end.y() + 1, 2, 17), QColor(self.theme.accent))
        if not geometry.notes.isEmpty():
            row.note_block(self.fonts).paint(painter, QPointF(geometry.notes.topLeft()), clip, muted, nothing, palette)

    def _ring(self, painter: QPainter, geometry: Geometry) -> None:
        top = geometry.bubble.top() if not geometry.bubble.isEmpty() else geometry.label.top() - 4
        around = QRectF(0, top, self.column(self.width)[1], geometry.height - top - 4)
        if geometry.bubble.isEmpty():
            around.adjust(-8, 0, 8, 0)
        painter.setPen(QPen(QColor(self.theme.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(around, 8, 8)
