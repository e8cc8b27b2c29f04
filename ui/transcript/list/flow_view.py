"""Qt's list view without its layout: what it asks of rows is answered by a Flow."""

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
from ui.transcript.list.flow import Flow
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import Row
from ui.transcript.message.slabs import Slab
from ui.transcript.text.look import Look
from ui.widgets.accessible_text import AccessibleText
from ui.widgets.scroll_bar import SlimScrollBar
from ui.widgets.viewport import put_viewport

LONGEST_NAME, LONGEST_TEXT = 4_000, 100_000
"""Characters of a message that an item is named by, and of its text: of all that is longer its beginning."""


class AccessibleRows(QAccessibleWidget):
    """The list. Qt deletes it with its view, and its items when they are given up."""

    def __init__(self, view: QListView, model: RowsModel) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = view
        self._model = model
        self._cover: QWidget | None = None
        self._items: dict[Row, AccessibleRow] = {}
        self._ids: dict[Row, int] = {}

    def item(self, row: Row) -> AccessibleRow:
        """What stands for a row, always the same."""
        if row not in self._items:
            made = AccessibleRow(self._view, self._model, row)
            self._items[row] = made
            self._ids[row] = QAccessible.registerAccessibleInterface(made)
        return self._items[row]

    def give_up(self, rows: list[Row]) -> None:
        """These are not shown any more."""
        for row in rows:
            if row in self._items:
                QAccessible.deleteAccessibleInterface(self._ids.pop(row))
                del self._items[row]

    def forget(self) -> None:
        """The view goes."""
        self.give_up(list(self._items))

    def childCount(self) -> int:
        """As many as there are messages, and what lies over them."""
        return len(self._model.rows) + (self._cover is not None)

    def child(self, index: int) -> QAccessibleInterface:
        """The message of a place; behind the last one what lies over them."""
        rows = self._model.rows
        if self._cover is not None and index == len(rows):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.item(rows[index]) if 0 <= index < len(rows) else _nothing()

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of a message."""
        if self._cover is not None and child.object() is self._cover:
            return len(self._model.rows)
        return child.number if isinstance(child, AccessibleRow) else -1

    def cover(self, widget: QWidget | None) -> None:
        """This lies over the messages now, or nothing."""
        self._cover = widget

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """The message at a point of the screen."""
        viewport = self._view.viewport()
        point = viewport.mapFromGlobal(QPoint(x, y))
        if self._cover is not None and self._cover.geometry().contains(point):
            return QAccessible.queryAccessibleInterface(self._cover)
        return self.child(self._view.indexAt(point).row()) if viewport.rect().contains(point) else _nothing()

    def focusChild(self) -> QAccessibleInterface:
        """The message that the keyboard is on."""
        current = self._view.currentIndex()
        return self.child(current.row()) if current.isValid() and self._view.hasFocus() else _nothing()


class AccessibleRow(QAccessibleInterface):
    """A message."""

    def __init__(self, view: QListView, model: RowsModel, row: Row) -> None:
        super().__init__()
        self._view = view
        self._model = model
        self._row = row
        self._text = AccessibleText(lambda: row.heard[:LONGEST_TEXT])

    @property
    def number(self) -> int:
        """Its place, -1 where it is not shown any more."""
        try:
            return self._model.number(self._row)
        except ValueError:
            return -1

    def isValid(self) -> bool:
        """Whether its view is there still."""
        return Shiboken.isValid(self._view)

    def object(self) -> QObject:
        """A row is no object of Qt's."""
        return cast("QObject", None)

    def parent(self) -> QAccessibleInterface:
        """The list."""
        return QAccessible.queryAccessibleInterface(self._view)

    def role(self) -> QAccessible.Role:
        """An item of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Whether it is seen, and has the keyboard."""
        made = QAccessible.State()
        made.focusable = made.multiLine = made.readOnly = True
        made.focused = self._view.hasFocus() and self._view.currentIndex().row() == self.number
        inside = self._view.viewport().rect()
        made.offscreen = not self._view.visualRect(self._model.index(self.number)).intersects(inside)
        made.invisible = not self._view.isVisible()
        return made

    def rect(self) -> QRect:
        """Where it lies on the screen."""
        within = self._view.visualRect(self._model.index(self.number))
        return QRect(self._view.viewport().mapToGlobal(within.topLeft()), within.size())

    def text(self, t: QAccessible.Text) -> str:
        """What it says, and who says it."""
        if t == QAccessible.Text.Name:
            said = self._row.heard
            return said if len(said) <= LONGEST_NAME else f"{said[:LONGEST_NAME]}…"
        return self._row.author if t == QAccessible.Text.Description else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Nobody writes into it."""

    def childCount(self) -> int:
        """There is nothing in it."""
        return 0

    def child(self, index: int) -> QAccessibleInterface:
        """There is nothing in it."""
        del index
        return _nothing()

    def indexOfChild(self, arg__1: QAccessibleInterface) -> int:
        """There is nothing in it."""
        del arg__1
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """There is nothing in it."""
        del x, y
        return _nothing()

    def interface_cast(self, arg__1: QAccessible.InterfaceType) -> int:
        """It has a text. A bare number, or None, would be taken for the address of something else."""
        has = arg__1 == QAccessible.InterfaceType.TextInterface
        return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(self._text)[0] if has else 0))


def _nothing() -> QAccessibleInterface:
    return cast("QAccessibleInterface", None)  # the stubs do not say that there may be none


Index = QModelIndex | QPersistentModelIndex

STEP = 24
"""Pixels of a step of the wheel's bar."""

_ABOVE = 16
"""Pixels of what stands over a row that is brought to the top."""
_TAIL = 16
"""Pixels of room below the last message, where half of the bar with its actions stands."""


class Surface(QWidget):
    """What rows are drawn on. It tells that the mouse left: a filter of its events would be asked at each paint."""

    left = Signal()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell."""
        super().leaveEvent(event)
        self.left.emit()


class FlowView(QListView):
    """To Qt and to screen readers a list of the model's rows; where they lie only the flow knows."""

    pointer_left = Signal()
    """The mouse does not point at any row any more."""

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
        """Let something lie over the messages, as long as there are none; then nobody comes here by Tab."""
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
        """How it is shown."""
        return self._look

    @property
    def column(self) -> tuple[int, int]:
        """Left edge and width of the column of text, in the viewport."""
        return self._look.column(self.viewport().width())

    def refresh(self, *, everything: bool = False, changed: int | None = None) -> None:
        """Lay out what is in view and draw what is elsewhere or another one."""
        raise NotImplementedError

    def visualRect(self, index: Index) -> QRect:
        """Where a message lies, by what is known of its height."""
        if not index.isValid() or index.row() >= len(self._rows.rows):
            return QRect()
        left, width = self.column
        return QRect(left, self._flow.top_of(index.row()), width, self._flow.height_of(index.row()))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The message at a point."""
        row = self._flow.row_at(point.y())
        return self._rows.index(row) if row >= 0 else QModelIndex()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a message into view: its top, where it does not fit."""
        if not index.isValid():
            return
        row, height = index.row(), self.viewport().height()
        top = self._flow.top_of(row)
        bottom = top + self._flow.height_of(row)
        if hint is QAbstractItemView.ScrollHint.EnsureVisible and top >= 0 and bottom <= height:
            return
        self._flow.go_to(row, above=_ABOVE if row else 0)
        self.refresh(everything=True)

    def horizontalOffset(self) -> int:
        """It never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Pixels above the window."""
        return self._flow.value

    def isIndexHidden(self, index: Index) -> bool:
        """No message is."""
        del index
        return False

    def setSelection(self, rect: QRect, command: object) -> None:
        """Text is marked, not messages."""

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Nothing is drawn of a selection of messages."""
        del selection
        return QRegion()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """The keyboard went to another message. Qt's list would tell of the place in its own layout, which has none."""
        QAbstractItemView.currentChanged(self, current, previous)
        self._tell_focus()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Messages are selected by Qt alone, as the keyboard goes: there is nothing to tell of."""
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Screen readers keep nothing of what is not shown any more."""
        self._accessible.give_up(list(self._rows.rows[start : end + 1]))
        super().rowsAboutToBeRemoved(parent, start, end)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a message, and not on the list, of which Qt tells right after this."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self._tell_focus)

    def doItemsLayout(self) -> None:
        """Lay out what is in view."""
        self.updateGeometries()

    def updateGeometries(self) -> None:
        """Keep the scroll bar in step."""
        self._mirror()

    def dataChanged(self, topLeft: Index, bottomRight: Index, roles: Iterable[int] = ()) -> None:  # noqa: N803
        """Rows are drawn when they say so themselves; this tells screen readers."""
        super().dataChanged(topLeft, bottomRight, list(roles))

    def _tell_focus(self) -> None:
        current = self.currentIndex()
        if current.isValid() and self.hasFocus() and QAccessible.isActive():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    @Slot()
    def _let_go(self) -> None:
        """The bar is no longer dragged: at its ends are the chat's, whatever was thought of its height meanwhile."""
        bar = self.verticalScrollBar()
        if bar.value() == bar.minimum():
            self._flow.go_to(0)
        elif bar.value() == bar.maximum():
            self._flow.to_end()
        self.refresh(everything=True)
        self._mirror()

    def _mirror(self) -> None:
        """Show on the bar where the window is, unless it is being dragged."""
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
