"""The scrolling surface of the transcript: a list view to Qt and to screen readers, laid out and painted by slabs.

QListView lays out every row it has; this one only those in view, by a Flow. What scrolls is moved on the screen,
and only what came into view or changed is painted.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.transcript.documents import Marks
from ui.transcript.flow import Flow, Placed
from ui.transcript.look import Look
from ui.transcript.model import RowsModel
from ui.transcript.rows import Row
from ui.transcript.slabs import Pen, Slab
from ui.widgets.scroll_bar import SlimScrollBar

Index = QModelIndex | QPersistentModelIndex

_STEP = 24
_ABOVE = 16
"""Pixels of what stands over a row that is brought to the top."""

_RECTS = 4
"""Parts that are drawn one by one; of more, all that lies between them is drawn too."""

_KEPT = 640
"""Slabs whose documents are kept when they are out of view: about 160 rows."""


class Canvas(QListView):
    """Shows the rows of a model. `moved` comes when anything stands elsewhere in the window."""

    moved = Signal()
    at_end_changed = Signal(bool)

    def __init__(self, model: RowsModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self._look = look
        self._flow: Flow[Slab] = Flow()
        self._placed: list[Placed[Slab]] = []
        self._recent: dict[Slab, None] = {}
        self._silent = False
        self._was_at_end = True
        self.rings = False
        """Whether a ring shows the message that the keyboard is on."""
        self.marks_of: Callable[[int, int, int], Marks] = _no_marks
        """What is marked in a segment, by row, slab and segment."""
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Transcript")
        self.setVerticalScrollBar(SlimScrollBar(Qt.Orientation.Vertical, self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAutoScroll(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def look(self) -> Look:
        """How it is shown."""
        return self._look

    @property
    def at_end(self) -> bool:
        """Whether the newest text is in view, and followed."""
        return self._flow.following

    @property
    def column(self) -> tuple[int, int]:
        """Left edge and width of the column of text, in the viewport."""
        return self._look.column(self.viewport().width())

    @property
    def placed(self) -> list[Placed[Slab]]:
        """The slabs that are in view."""
        return self._placed

    def row_of(self, placed: Placed[Slab]) -> Row:
        """The row that a slab belongs to."""
        return self._rows.rows[placed.row]

    def set_look(self, look: Look) -> None:
        """Show it otherwise: in another theme or size of text."""
        held = self._held()
        self._look = look
        for row in self._rows.rows:
            row.parts.restyle()
        self._flow.resize(self.column[1], self.viewport().height())
        self._flow.set_rows(self._rows.rows, 0)
        self._show(held)

    def rows_replaced(self, same: int) -> None:
        """The model has other rows, of which the first `same` are those of before."""
        shown = set(self._rows.rows)
        self._recent = {slab: None for slab in self._recent if slab.row in shown}
        self._flow.set_rows(self._rows.rows, same)
        self.refresh(everything=True)

    def row_grew(self, number: int) -> None:
        """Slabs of a row changed at their end, or came: the end stays in view if it was, else nothing moves."""
        self._flow.row_changed(number)
        self.refresh(changed=number)

    def row_changed(self, number: int) -> None:
        """A row is another one: what is read keeps its place."""
        self._flow.row_changed(number)
        self.refresh(everything=True)

    def change_in_place(self, number: int, what: Callable[[], None]) -> None:
        """Change a row whose top stays where it is, whatever grows below it."""
        top = self._flow.top_of(number)
        what()
        self._flow.row_changed(number)
        self._flow.hold(number, 0, top)
        self.refresh(everything=True)

    def slabs_change(self, number: int, what: Callable[[], None]) -> None:
        """Let a row get other slabs; the slab that is read stays where it is."""
        row = self._rows.rows[number]
        held = None if self._flow.following else next((each for each in self._placed if each.top >= 0), None)
        held = held or (self._placed[0] if self._placed and not self._flow.following else None)
        what()
        self._flow.row_changed(number)
        if held is not None:
            within = row.slabs.index(held.slab) if held.row == number and held.slab in row.slabs else held.number
            self._flow.hold(held.row, within, held.top)
        self.refresh(everything=True)

    def follow(self) -> None:
        """Follow the end from the next change on."""
        self._flow.to_end()

    @Slot()
    def to_end(self) -> None:
        """Show the newest text and follow it."""
        self._flow.to_end()
        self.refresh(everything=True)

    def show_slab(self, row: int, slab: int, y: int) -> None:
        """Bring a place of a slab into the upper third of the window, if it is not in view."""
        height = self.viewport().height()
        top = self._flow.top_of(row, slab) + y
        if not 0 <= top <= height - 2 * _STEP:
            self._flow.go_to(row, slab, above=height // 3 - y)
            self.refresh(everything=True)

    def scroll_by(self, distance: int) -> None:
        """Move the window down by pixels, up where it is negative."""
        self._flow.scroll(distance)
        self.refresh()

    def row_top(self, row: Row) -> int:
        """Where a row begins in the view, in pixels; may lie outside."""
        return self._flow.top_of(self._rows.number(row)) if row in self._rows.rows else 0

    def refresh(self, *, everything: bool = False, changed: int | None = None) -> None:
        """Lay out what is in view and draw what is elsewhere or another one."""
        before = {(each.row, each.number): each.top for each in self._placed}
        self._placed = self._flow.visible()
        self._mirror()
        self._remember([each.slab for each in self._placed])
        if everything:
            self.viewport().update()
        else:
            self._redraw(before, changed)
        if self._flow.following != self._was_at_end:
            self._was_at_end = self._flow.following
            self.at_end_changed.emit(self._was_at_end)
        self.moved.emit()

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

    def doItemsLayout(self) -> None:
        """Lay out what is in view."""
        self.updateGeometries()

    def updateGeometries(self) -> None:
        """Keep the scroll bar in step."""
        self._mirror()

    def dataChanged(self, topLeft: Index, bottomRight: Index, roles: Iterable[int] = ()) -> None:  # noqa: N803
        """Rows are drawn when they say so themselves; this tells screen readers."""
        super().dataChanged(topLeft, bottomRight, list(roles))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The bar was moved: near by scrolling, far by a jump."""
        del dx
        if self._silent or not dy:
            return
        if abs(dy) <= 2 * self.viewport().height():
            self._flow.scroll(-dy)
        else:
            self._flow.jump(self.verticalScrollBar().value())
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width and keep the place."""
        held = self._held()
        self._flow.resize(self.column[1], self.viewport().height())
        super().resizeEvent(event)
        self._show(held)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slabs that the event asks for."""
        painter = QPainter(self.viewport())
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            # What came into view above and a button below are two: what lies between them is not drawn.
            for rect in _parts(event):
                painter.setClipRect(rect)
                painter.fillRect(rect, QColor(self._look.theme.canvas))
                self._paint_slabs(painter, rect)
            painter.setClipping(False)
            if self.rings and self.hasFocus() and self.currentIndex().isValid():
                self._paint_ring(painter, self.currentIndex().row())
        finally:
            painter.end()

    def _paint_slabs(self, painter: QPainter, asked: QRect) -> None:
        left, width = self.column
        clip = QRectF(asked)
        for each in self._placed:
            if each.top > asked.bottom():
                break
            if each.top + each.slab.height(width) < asked.top():
                continue
            pen = Pen(painter, left, each.top, width, clip)
            row, slab = each.row, each.number
            each.slab.paint(pen, lambda segment, row=row, slab=slab: self.marks_of(row, slab, segment))

    def _redraw(self, before: dict[tuple[int, int], int], changed: int | None) -> None:
        """Move what only stands elsewhere, draw the rest anew."""
        shifts = {
            each.top - before[each.row, each.number] for each in self._placed if (each.row, each.number) in before
        }
        if len(shifts) != 1 or not self._moves_exactly(*shifts):
            self.viewport().update()
            return
        (shift,) = shifts
        if shift and abs(shift) < self.viewport().height():
            self.viewport().scroll(0, shift)
        elif shift:
            self.viewport().update()
        for each in self._placed:
            if each.row == changed or (each.row, each.number) not in before:
                start = each.top + (
                    each.slab.dirty_from if each.row == changed and (each.row, each.number) in before else 0
                )
                self.viewport().update(QRect(0, start, self.viewport().width(), self.viewport().height() - start))
                break

    def _moves_exactly(self, shift: int) -> bool:
        """Whether a shift is whole pixels of the screen."""
        moved = shift * self.devicePixelRatioF()
        return moved == round(moved)

    def _mirror(self) -> None:
        """Show on the bar where the window is, unless it is being dragged."""
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        self._silent = True
        try:
            bar.setPageStep(max(height - 2 * _STEP, 1))
            bar.setSingleStep(_STEP)
            if not bar.isSliderDown():
                bar.setRange(0, max(self._flow.total - height, 0))
                bar.setValue(self._flow.value)
        finally:
            self._silent = False

    def _held(self) -> tuple[int, int, int] | None:
        """The first slab that begins in view, to be put back there; None at the end."""
        if self._flow.following or not self._placed:
            return None
        each = next((each for each in self._placed if each.top >= 0), self._placed[0])
        return each.row, each.number, each.top

    def _show(self, held: tuple[int, int, int] | None) -> None:
        if held is not None:
            self._flow.hold(*held)
        self.refresh(everything=True)

    def _remember(self, slabs: Sequence[Slab]) -> None:
        """Keep the documents of the slabs that were in view lately, and drop those of the others."""
        for slab in slabs:
            self._recent.pop(slab, None)
            self._recent[slab] = None
        while len(self._recent) > max(_KEPT, len(slabs)):
            oldest = next(iter(self._recent))
            del self._recent[oldest]
            oldest.drop()

    def _paint_ring(self, painter: QPainter, number: int) -> None:
        left, width = self.column
        top = self._flow.top_of(number)
        around = QRectF(left - 8.5, top + 4.5, width + 17, self._flow.height_of(number) - 8)
        painter.setPen(QPen(QColor(self._look.theme.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(around, 8, 8)


def _parts(event: QPaintEvent) -> list[QRect]:
    """What is to be drawn."""
    region = event.region()
    rects = cast("Iterable[QRect]", region)  # the stubs do not say that a region can be gone through
    return list(rects) if region.rectCount() <= _RECTS else [event.rect()]


def _no_marks(row: int, slab: int, segment: int) -> Marks:
    del row, slab, segment
    return ()
