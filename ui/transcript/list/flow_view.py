"""Qt list view whose layout is computed by a Flow, with support for screen readers."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QFocusEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QAccessibleWidget, QFrame, QLayout, QListView, QVBoxLayout, QWidget
from shiboken6 import Shiboken

from ui.base.strings import tr
from ui.transcript.list.accessible_blocks import AccessibleParts
from ui.transcript.list.flow import Flow
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row
from ui.transcript.message.slabs import Slab
from ui.transcript.text.look import Look
from ui.widgets.accessible_text import AccessibleText
from ui.widgets.scroll_bar import SlimScrollBar
from ui.widgets.viewport import put_viewport

LONGEST_NAME, LONGEST_TEXT = 4_000, 100_000
"""Maximum lengths of an item's accessible name and of its accessible text."""


class AccessibleRows(QAccessibleWidget):
    """Accessible interface of the list. Qt deletes it together with its view."""

    def __init__(self, view: QListView, model: RowsModel) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = view
        self._model = model
        self._cover: QWidget | None = None
        self._items: dict[Row, AccessibleRow] = {}
        self._ids: dict[Row, int] = {}

    def item(self, row: Row) -> AccessibleRow:
        """Return the accessible item of a row. A row always has the same item."""
        if row not in self._items:
            item = AccessibleRow(self._view, self._model, row)
            self._items[row] = item
            self._ids[row] = QAccessible.registerAccessibleInterface(item)
        return self._items[row]

    def give_up(self, rows: list[Row]) -> None:
        """Delete the items of removed rows."""
        for row in rows:
            if row in self._items:
                self._items[row].parts.forget()
                QAccessible.deleteAccessibleInterface(self._ids.pop(row))
                del self._items[row]

    def forget(self) -> None:
        """Delete all items, because the view is being deleted."""
        self.give_up(list(self._items))

    def childCount(self) -> int:
        """Return the number of messages, plus one if a widget covers them."""
        return len(self._model.rows) + (self._cover is not None)

    def child(self, index: int) -> QAccessibleInterface:
        """Return the item of a message, or the covering widget, which comes after the last message."""
        rows = self._model.rows
        if self._cover is not None and index == len(rows):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.item(rows[index]) if 0 <= index < len(rows) else _nothing()

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the index of an item, or -1 if its message was removed."""
        if self._cover is not None and child.object() is self._cover:
            return len(self._model.rows)
        return child.number if isinstance(child, AccessibleRow) else -1

    def cover(self, widget: QWidget | None) -> None:
        """Set the widget that covers the messages; None for no widget."""
        self._cover = widget

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """Return the item at a position on the screen."""
        viewport = self._view.viewport()
        point = viewport.mapFromGlobal(QPoint(x, y))
        if self._cover is not None and self._cover.geometry().contains(point):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.child(self._view.indexAt(point).row()) if viewport.rect().contains(point) else _nothing()

    def focusChild(self) -> QAccessibleInterface:
        """Return the item of the focused message, if the list has the focus."""
        current = self._view.currentIndex()
        return self.child(current.row()) if current.isValid() and self._view.hasFocus() else _nothing()


class AccessibleRow(QAccessibleInterface):
    """Accessible item of one message."""

    def __init__(self, view: QListView, model: RowsModel, row: Row) -> None:
        super().__init__()
        self._view = view
        self._model = model
        self._row = row
        self._text = AccessibleText(lambda: row.heard[:LONGEST_TEXT])
        self.parts = AccessibleParts(self)

    @property
    def number(self) -> int:
        """Index of the row, or -1 if the row was removed."""
        try:
            return self._model.number(self._row)
        except ValueError:
            return -1

    def isValid(self) -> bool:
        """Whether the view still exists."""
        return Shiboken.isValid(self._view)

    def object(self) -> QObject:
        """Return no object, because a row is not a QObject."""
        return cast("QObject", None)

    def parent(self) -> QAccessibleInterface:
        """Return the accessible list of the messages."""
        return QAccessible.queryAccessibleInterface(self._view)

    def role(self) -> QAccessible.Role:
        """Return the role of a list item."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Return whether the item is visible and focused, among other states."""
        state = QAccessible.State()
        state.focusable = state.multiLine = state.readOnly = True
        state.focused = self._view.hasFocus() and self._view.currentIndex().row() == self.number
        inside = self._view.viewport().rect()
        state.offscreen = not self._view.visualRect(self._model.index(self.number)).intersects(inside)
        state.invisible = not self._view.isVisible()
        return state

    def rect(self) -> QRect:
        """Return the item's rectangle on the screen."""
        within = self._view.visualRect(self._model.index(self.number))
        return QRect(self._view.viewport().mapToGlobal(within.topLeft()), within.size())

    def text(self, t: QAccessible.Text) -> str:
        """Return the message as the name, and its author as the description."""
        if t == QAccessible.Text.Name:
            said = self._row.heard
            return said if len(said) <= LONGEST_NAME else f"{said[:LONGEST_NAME]}…"
        return self._row.author if t == QAccessible.Text.Description else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Do nothing, because messages are read-only."""

    def childCount(self) -> int:
        """Return the number of blocks in the message."""
        return len(self._row.spoken_parts)

    def child(self, index: int) -> QAccessibleInterface:
        """Return a block of the message."""
        made = self.parts.take(self._row.spoken_parts)
        return made[index] if 0 <= index < len(made) else _nothing()

    def indexOfChild(self, arg__1: QAccessibleInterface) -> int:
        """Return the index of a block, or -1 if it changed."""
        return self.parts.place(arg__1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """Return nothing, because only the place of the whole message is known."""
        del x, y
        return _nothing()

    def interface_cast(self, arg__1: QAccessible.InterfaceType) -> int:
        """Return the text interface if requested. Qt would misread a plain number or None as an address."""
        has = arg__1 == QAccessible.InterfaceType.TextInterface
        return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(self._text)[0] if has else 0))


def _nothing() -> QAccessibleInterface:
    return cast("QAccessibleInterface", None)  # the stubs do not say that there may be none


Index = QModelIndex | QPersistentModelIndex

STEP = 24
"""Scroll step in pixels."""

ABOVE = 16
"""Space above a row that is scrolled to the top, in pixels."""
_TAIL = 16
"""Space below the last message in pixels, for half of the action bar."""


class Surface(QWidget):
    """Viewport that emits a signal when the mouse leaves. An event filter would run at every paint."""

    left = Signal()

    def leaveEvent(self, event: QEvent) -> None:
        """Emit `left`."""
        super().leaveEvent(event)
        self.left.emit()


class FlowView(QListView):
    """List view that Qt and screen readers can use, although positions are known only to the Flow."""

    pointer_left = Signal()
    """Emitted when the mouse has left the list."""

    def __init__(self, model: RowsModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self._rows = model
        self._look = look
        self._accessible = AccessibleRows(self, model)
        QAccessible.registerAccessibleInterface(self._accessible)
        self.destroyed.connect(self._accessible.forget)
        self._flow: Flow[Slab] = Flow()
        self._flow.tail = _TAIL
        self._silent = False
        surface = Surface()
        surface.left.connect(self.pointer_left)
        self.setViewport(surface)
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Transcript"))
        self.setVerticalScrollBar(SlimScrollBar(Qt.Orientation.Vertical, self))
        self.verticalScrollBar().sliderReleased.connect(self._let_go)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAutoScroll(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def cover(self, widget: QWidget, *, on: bool) -> None:
        """Show a widget over the empty list, or hide it. While covered, the list is not in the tab order."""
        over = self.viewport().layout() or QVBoxLayout(self.viewport())
        if over.indexOf(widget) < 0:
            over.setContentsMargins(0, 0, 0, 0)
            over.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
            over.addWidget(widget)
        widget.setVisible(on)
        self._accessible.cover(widget if on else None)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if on else Qt.FocusPolicy.StrongFocus)

    @property
    def look(self) -> Look:
        """Theme and fonts of the transcript."""
        return self._look

    @property
    def column(self) -> tuple[int, int]:
        """Left edge and width of the text column in the viewport, in pixels.

        The column is in the middle of the view, where the fields below it are, not of the part beside the scroll bar.
        """
        left, width = self._look.column(self.width())
        return left - self.viewport().x(), width

    def refresh(self, *, everything: bool = False, changed: int | None = None) -> None:
        """Lay out the visible rows and repaint what moved or changed."""
        raise NotImplementedError

    def visualRect(self, index: Index) -> QRect:
        """Return the estimated rectangle of a message in the viewport."""
        if not index.isValid() or index.row() >= len(self._rows.rows):
            return QRect()
        left, width = self.column
        return QRect(left, self._flow.top_of(index.row()), width, self._flow.height_of(index.row()))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the message at a point."""
        row = self._flow.row_at(point.y())
        return self._rows.index(row) if row >= 0 else QModelIndex()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scroll to a message, or to its top if it does not fit."""
        if not index.isValid():
            return
        row, height = index.row(), self.viewport().height()
        top = self._flow.top_of(row)
        bottom = top + self._flow.height_of(row)
        if hint is QAbstractItemView.ScrollHint.EnsureVisible and top >= 0 and bottom <= height:
            return
        self._flow.go_to(row, above=ABOVE if row else 0)
        self.refresh(everything=True)

    def horizontalOffset(self) -> int:
        """Return 0, because the list never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Return the scroll position in pixels."""
        return self._flow.value

    def isIndexHidden(self, index: Index) -> bool:
        """Return False, because no message is hidden."""
        del index
        return False

    def setSelection(self, rect: QRect, command: object) -> None:
        """Do nothing, because users select text instead of whole items."""

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return an empty region, because selected items are not painted differently."""
        del selection
        return QRegion()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Announce the focused message. Qt's own event would use item positions that do not exist."""
        QAbstractItemView.currentChanged(self, current, previous)
        self._tell_focus()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Update the selection without announcing it, because Qt selects a message only when it gets the focus."""
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Delete the accessible items of rows before the rows are removed."""
        self._accessible.give_up(list(self._rows.rows[start : end + 1]))
        super().rowsAboutToBeRemoved(parent, start, end)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Announce the focused message after Qt has announced the list."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self._tell_focus)

    def doItemsLayout(self) -> None:
        """Lay out the visible rows."""
        self.updateGeometries()

    def updateGeometries(self) -> None:
        """Update the scroll bar."""
        self._mirror()

    def dataChanged(self, topLeft: Index, bottomRight: Index, roles: Iterable[int] = ()) -> None:  # noqa: N803
        """Inform screen readers only; changes are painted by `refresh`."""
        super().dataChanged(topLeft, bottomRight, list(roles))

    def _tell_focus(self) -> None:
        current = self.currentIndex()
        if current.isValid() and self.hasFocus() and QAccessible.isActive():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    @Slot()
    def _let_go(self) -> None:
        """Scroll to the real start or end after the scroll bar was dragged to an estimated one."""
        bar = self.verticalScrollBar()
        if bar.value() == bar.minimum():
            self._flow.go_to(0)
        elif bar.value() == bar.maximum():
            self._flow.to_end()
        self.refresh(everything=True)
        self._mirror()

    def _mirror(self) -> None:
        """Update the scroll bar unless it is being dragged."""
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        self._silent = True
        try:
            page = max(height - 2 * STEP, 1)
            if bar.pageStep() != page:
                bar.setPageStep(page)
                bar.setSingleStep(STEP)
            if not bar.isSliderDown():
                bar.setRange(0, max(self._flow.total - height, 0))
                bar.setValue(self._flow.value)
        finally:
            self._silent = False
