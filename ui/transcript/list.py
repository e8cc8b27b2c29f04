"""The scrolling list of messages: follows its end, keeps its place, selects text, shows actions where the reader is."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.transcript.model import RowsModel
from ui.transcript.paint import RowPainter
from ui.transcript.rows import Row

_NEAR = 4
"""Pixels from the end that still count as the end."""


class MessageList(QListView):
    """Rows in a column. `hovered` names the row that the reader points at or stands on, None for none."""

    hovered = Signal(object)
    fold_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)
    moved = Signal()
    at_end_changed = Signal(bool)

    def __init__(self, model: RowsModel, painter: RowPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self._painter = painter
        self._at_end = True
        self._held = False
        self._anchor: tuple[Row, int] | None = None
        self.setModel(model)
        self.setItemDelegate(painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Transcript")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setAutoScroll(False)
        self.setViewportMargins(0, 4, 0, 0)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def painter(self) -> RowPainter:
        """What draws and measures the rows."""
        return self._painter

    @property
    def at_end(self) -> bool:
        """Whether the newest text is in view, and followed."""
        return self._at_end

    def change(self, what: Callable[[], None]) -> None:
        """Change rows and lay out; the end stays in view if it was, else what is read stays where it is."""
        first = self._top_row() if not self._at_end else None
        held, self._held = self._held, True
        try:
            what()
            self.doItemsLayout()
            if first is None:
                self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
            else:
                self._restore(*first)
        finally:
            self._held = held
        self._scrolled()

    def change_in_place(self, row: Row, what: Callable[[], None]) -> None:
        """Change a row whose top stays where it is: what is read does not move."""
        top = self._top_of(row)
        held, self._held = self._held, True
        try:
            what()
            self.doItemsLayout()
            self._restore(row, top)
        finally:
            self._held = held
        self._scrolled()

    @Slot()
    def to_end(self) -> None:
        """Show the newest text and follow it."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def row_top(self, row: Row) -> int:
        """Where a row begins in the view, in pixels; may lie outside."""
        return self._top_of(row)

    def current_row(self) -> Row | None:
        """The row that the keyboard stands on."""
        return self._rows.row_at(self.currentIndex())

    def copy(self, row: Row | None = None) -> None:
        """Copy the marked text, else the whole message."""
        marked, start, end = self._painter.selected
        if row is None and marked is not None and start != end:
            text = marked.body(self._painter.fonts).between(start, end)
        else:
            row = row or self.current_row()
            text = row.spoken if row else ""
        if text:
            QGuiApplication.clipboard().setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width and keep the place."""
        self._painter.width = self.width()
        first = self._top_row() if not self._at_end else None
        held, self._held = self._held, True
        super().resizeEvent(event)
        self.doItemsLayout()
        if first is None:
            self.to_end()
        else:
            self._restore(*first)
        self._held = held
        self.moved.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Unfold reasoning, or begin to mark text."""
        row, at = self._under(event.position().toPoint())
        super().mousePressEvent(event)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._mark(None, 0, 0)
        self._anchor = None
        if row is None:
            return
        geometry = self._painter.geometry(row)
        if geometry.fold.contains(at):
            self.fold_wanted.emit(row)
        elif not geometry.body.isEmpty():
            self._anchor = (row, self._position(row, at))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark text while the button is down, else show what can be done with the row."""
        point = event.position().toPoint()
        row, at = self._under(point)
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self._anchor is not None:
                marked, start = self._anchor
                end = self._position(marked, point - self._origin(marked))
                self._mark(marked, *sorted((start, end)))
            return
        super().mouseMoveEvent(event)
        self.hovered.emit(row)
        text = row is not None and self._painter.geometry(row).body.contains(at)
        fold = row is not None and self._painter.geometry(row).fold.contains(at)
        shape = Qt.CursorShape.PointingHandCursor if fold else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor if text else shape)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Mark a word."""
        row, at = self._under(event.position().toPoint())
        if row is not None and self._painter.geometry(row).body.contains(at):
            self._mark(row, *row.body(self._painter.fonts).word_at(self._position(row, at)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and unfold by key; the rest as lists do."""
        row = self.current_row()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Space and row is not None and row.reasoning:
            self.fold_wanted.emit(row)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            bar = self.verticalScrollBar()
            step = bar.pageStep() - 40
            bar.setValue(bar.value() + (step if event.key() == Qt.Key.Key_PageDown else -step))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of a row, by mouse or key."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            row, at = self._under(event.pos())[0], event.globalPos()
        else:
            row = self.current_row()
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        if row is not None:
            self.menu_wanted.emit(row, at)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The keyboard went to another row."""
        super().currentChanged(current, previous)
        self.hovered.emit(self._rows.row_at(current))

    def _mark(self, row: Row | None, start: int, end: int) -> None:
        if self._painter.selected != (row, start, end):
            self._painter.selected = (row, start, end)
            self.viewport().update()

    def _under(self, point: QPoint) -> tuple[Row | None, QPoint]:
        row = self._rows.row_at(self.indexAt(point))
        return row, point - self._origin(row) if row else QPoint()

    def _origin(self, row: Row) -> QPoint:
        return QPoint(self._painter.column(self._painter.width)[0], self._top_of(row))

    def _position(self, row: Row, at: QPoint) -> int:
        body = self._painter.geometry(row).body
        return row.body(self._painter.fonts).position_at(QPointF(at - body.topLeft()))

    def _top_of(self, row: Row) -> int:
        return self.visualRect(self._rows.index(self._rows.rows.index(row))).top() if row in self._rows.rows else 0

    def _top_row(self) -> tuple[Row, int] | None:
        for y in (0, 16, 48):
            row = self._rows.row_at(self.indexAt(QPoint(self.viewport().width() // 2, y)))
            if row is not None:
                return row, self._top_of(row)
        return None

    def _restore(self, row: Row, top: int) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self._top_of(row) - top)

    @Slot()
    def _scrolled(self) -> None:
        if self._held:
            return
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - _NEAR
        if at_end != self._at_end:
            self._at_end = at_end
            self.at_end_changed.emit(at_end)
        self.moved.emit()
