"""Qt's list view without its layout: what it asks of rows is answered by a Flow."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLayout, QListView, QVBoxLayout, QWidget

from ui.strings import tr
from ui.transcript.list.accessible_rows import AccessibleRows
from ui.transcript.list.flow import Flow
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.slabs import Slab
from ui.transcript.text.look import Look
from ui.widgets.scroll_bar import SlimScrollBar
from ui.widgets.viewport import put_viewport

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
