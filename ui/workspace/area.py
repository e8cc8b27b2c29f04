"""Area that arranges the panes and lets users resize them. If too many panes to read, it scrolls by whole lines."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QWidget

from desktop.domain.comparison import Arrangement
from ui.widgets.labels import hairline
from ui.widgets.viewport import put_viewport
from ui.workspace import grid
from ui.workspace.grid import Edge, Plan, Rect

_GRIP = 5
"""Width in pixels of the part of a handle that can be dragged. Only a hairline in the middle is visible."""

_TINT = 40
_MANY = 8
"""Number of panes from which headers collapse, even if there is space."""
_REST_MS = 150
"""Time after scrolling until the nearest line is shown whole."""


class Handle(QWidget):
    """Handle on the edge between two panes. Emits by how many pixels it is dragged."""

    dragged = Signal(int)

    def __init__(self, edge: Edge, parent: QWidget) -> None:
        super().__init__(parent)
        self.edge = edge
        self._from = QPoint()
        across = edge.across
        self.setCursor(Qt.CursorShape.SplitHCursor if across else Qt.CursorShape.SplitVCursor)
        self._line = hairline(vertical=across, parent=self)
        self._line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def place(self, edge: Edge, rect: QRect) -> None:
        """Move the handle to an edge, whose visible rectangle is `rect`."""
        self.edge, wide = edge, _GRIP // 2
        self.setGeometry(rect.adjusted(-wide, 0, wide, 0) if edge.across else rect.adjusted(0, -wide, 0, wide))
        self._line.setGeometry(QRect(wide, 0, 1, rect.height()) if edge.across else QRect(0, wide, rect.width(), 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Store the position at which dragging begins."""
        self._from = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Emit the distance by which the handle was dragged."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            at = event.globalPosition().toPoint()
            way = at - self._from
            self._from = at
            self.dragged.emit(way.x() if self.edge.across else way.y())


class DropMark(QWidget):
    """Marks the area in which a drop would take effect."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a frame and a tint in the accent color."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(colour, 2))
        colour.setAlpha(_TINT)
        painter.setBrush(colour)
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -3, -3), 6, 6)


class _Rooms(NamedTuple):
    """Sizes that determine the layout, in addition to the arguments of `arrange` and the shares set by dragging."""

    seen: QSize
    whole: QSize
    plan: Plan
    direction: Qt.LayoutDirection


class PaneArea(QScrollArea):
    """Scroll area whose inner widget contains the panes.

    `shares` are the relative widths or heights of the panes, where 1 means evenly distributed. `heights` are those
    of the rows of a grid.
    """

    shares_changed = Signal()
    """Emitted after the user resized a pane."""
    crowded_changed = Signal()
    """Emitted when the panes have become so small or so many that their headers are to collapse, or no longer are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        put_viewport(self)
        self._panes: list[QWidget] = []
        self._shares: list[float] = []
        self._heights: list[float] = []
        self._arrangement = Arrangement.ROW
        self._maximised: int | None = None
        self._handles: list[Handle] = []
        self._laid: _Rooms | None = None
        """What the panes were placed by the last time."""
        self._room = QWidget(self)
        self._mark = DropMark(self._room)
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self._fit)
        self._plan = Plan((range(0),))
        self._crowded = False
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._show_whole_lines)
        self.verticalScrollBar().valueChanged.connect(self._resting.start)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._room)

    @property
    def shares(self) -> tuple[float, ...]:
        """Relative size of each pane in its row."""
        return tuple(self._shares)

    @property
    def heights(self) -> tuple[float, ...]:
        """Relative height of each row of the grid; empty if all are equal."""
        return tuple(self._heights)

    @property
    def placed(self) -> list[Rect]:
        """Rectangles of all panes in the area, including those of hidden panes."""
        room = self._room.size()
        if self._maximised is not None:
            return [Rect(0, 0, room.width(), room.height())] * len(self._panes)
        return grid.rects(room.width(), room.height(), self._plan, self._shares, self._heights)

    @property
    def is_crowded(self) -> bool:
        """Whether the headers are to collapse to one line."""
        return self._crowded

    @Slot()
    def fit(self) -> None:
        """Schedule a new layout, because a pane may need another height."""
        self._fitting.start()

    def _lowest(self) -> int:
        """Return the height in pixels at which a pane shows all essential parts. With less space, the area scrolls."""
        needed = max((_needed(pane) for pane in self._panes), default=0)
        return max(grid.SHORTEST, min(needed, self.viewport().height()))

    def _planned(self) -> Plan:
        # Without a scroll bar, because a plan that needs one does not depend on its width.
        seen = self.maximumViewportSize()
        return grid.planned(len(self._panes), self._arrangement, seen.width(), seen.height(), self._lowest())

    def spot(self, point: QPoint, *, beside_only: bool = False) -> grid.Spot | None:
        """Return where a drop at a screen position would take effect, or None if the position is outside all panes."""
        at = self._room.mapFromGlobal(point)
        x = at.x() if self.isLeftToRight() else self._room.width() - 1 - at.x()
        if self._maximised is not None:
            inside = self._room.rect().contains(at) and not beside_only
            return grid.Spot(self._maximised, beside=False, rect=self.placed[0]) if inside else None
        return grid.spot(self.placed, self._plan, x, at.y(), beside_only=beside_only)

    def mark(self, spot: grid.Spot | None) -> None:
        """Mark where a drop would take effect; None removes the mark."""
        self._mark.setVisible(spot is not None)
        if spot is not None:
            self._mark.setGeometry(self._seen(spot.rect))
            self._mark.raise_()

    def arrange(
        self,
        panes: Sequence[QWidget],
        arrangement: Arrangement,
        shares: Sequence[float] = (),
        maximised: int | None = None,
        heights: Sequence[float] = (),
    ) -> None:
        """Lay out these panes, or only the maximized one. Other panes are hidden."""
        for pane in self._panes:
            if pane not in panes:
                pane.hide()
        self._panes = list(panes)
        given = [share if share > 0 else 1.0 for share in shares]
        self._shares = (given + [1.0] * len(panes))[: len(panes)]
        self._heights = [height if height > 0 else 1.0 for height in heights]
        self._arrangement = arrangement
        self._maximised = maximised if maximised is not None and maximised < len(panes) else None
        for pane in self._panes:
            self.adopt(pane)
            pane.raise_()  # a screen reader reads them in this order
        self._lay_out()
        for place, pane in enumerate(self._panes):
            pane.setVisible(self._maximised in (None, place))

    @property
    def room(self) -> QWidget:
        """Parent widget for panes. Create panes as its children, because changing a parent costs 20 ms for styling."""
        return self._room

    def adopt(self, pane: QWidget) -> None:
        """Make a pane a child of this area. The pane is hidden until it is laid out."""
        if pane not in self._panes:
            pane.hide()
        if pane.parentWidget() is not self._room:
            pane.setParent(self._room)
        pane.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Schedule a new layout when the content of a pane changes its height."""
        if event.type() == QEvent.Type.LayoutRequest and watched in self._panes:
            self.fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out the panes for the new size."""
        super().resizeEvent(event)
        self._lay_out()

    @Slot()
    def _fit(self) -> None:
        if self._laid != self._rooms():
            self._lay_out()

    def _rooms(self) -> _Rooms:
        plan = self._planned()
        return _Rooms(self.viewport().size(), self._room_size(plan), plan, self.layoutDirection())

    def _room_size(self, plan: Plan) -> QSize:
        one = self._maximised is not None
        seen = self.viewport().size()
        height = seen.height() if one else plan.height(seen.height())
        if len(self._panes) > 1 and (one or (len(plan.lines) == 1 and not plan.down)):
            height = max(_needed(pane) for place, pane in enumerate(self._panes) if self._maximised in (None, place))
        return seen.expandedTo(QSize(0, height))

    def _crowds(self) -> bool:
        """Whether any pane is too small, or there are too many panes, for the usual headers and figures."""
        small = any(rect.width < grid.NARROWEST or rect.height < grid.LOWEST for rect in self.placed)
        several = len(self._panes) > 1 and self._maximised is None
        return several and (small or len(self._panes) >= _MANY)

    @Slot()
    def _show_whole_lines(self) -> None:
        """Scroll to the nearest line of a grid, so that no pane stays cut."""
        bar, step = self.verticalScrollBar(), self._step
        if step and not bar.isSliderDown():
            bar.setValue(min(round(round(bar.value() / step) * step), bar.maximum()))

    @property
    def _step(self) -> float:
        """Distance in pixels between the lines of a grid that scrolls, or 0."""
        scrolls = self._maximised is None and self._plan.in_view < len(self._plan.lines)
        return (self.viewport().height() + grid.LINE) / self._plan.in_view if scrolls else 0

    def _lay_out(self) -> None:
        self._laid = self._rooms()
        self._plan = self._laid.plan
        self._room.resize(self._laid.whole)
        placed = self.placed
        for pane, rect in zip(self._panes, placed, strict=True):
            pane.setGeometry(self._seen(self._with_line(rect)))
        edges = [] if self._maximised is not None else grid.edges(placed, self._plan)
        while len(self._handles) > len(edges):
            _drop(self._handles.pop())
        for number, edge in enumerate(edges):
            if number < len(self._handles) and self._handles[number].edge.across == edge.across:
                handle = self._handles[number]
            else:
                handle = self._put_handle(number, edge)
            handle.place(edge, self._seen(edge.rect))
            handle.show()
            handle.raise_()
        crowded = self._crowds()
        if crowded is not self._crowded:
            self._crowded = crowded
            self.crowded_changed.emit()

    def _with_line(self, rect: Rect) -> Rect:
        """Extend a rectangle by the separator line, which at fractional scales does not fill whole pixels."""
        right = min(rect.width + grid.LINE, self._room.width() - rect.x)
        return Rect(rect.x, rect.y, right, min(rect.height + grid.LINE, self._room.height() - rect.y))

    def _seen(self, rect: Rect) -> QRect:
        """Mirror a rectangle for right-to-left layouts."""
        own = QRect(rect.x, rect.y, rect.width, rect.height)
        return QStyle.visualRect(self.layoutDirection(), self._room.rect(), own)

    def _put_handle(self, number: int, edge: Edge) -> Handle:
        handle = Handle(edge, self._room)
        handle.dragged.connect(self._dragged)
        if number < len(self._handles):
            _drop(self._handles[number])
            self._handles[number] = handle
        else:
            self._handles.append(handle)
        return handle

    @Slot(int)
    def _dragged(self, by: int) -> None:
        handle = self.sender()
        if not isinstance(handle, Handle):
            return
        edge, placed = handle.edge, self.placed
        by = by if self.isLeftToRight() or not edge.across else -by
        lines = self._plan.lines
        if edge.of_lines:
            sizes = [placed[line[0]].height for line in lines]
            self._heights = grid.dragged(sizes, edge.first, by, self._plan.lowest)
        else:
            line = next(each for each in lines if edge.first in each)
            sizes = [placed[place].width if edge.across else placed[place].height for place in line]
            wide = grid.narrowest(len(line), self._room.width())
            smallest = wide if edge.across else self._plan.lowest
            self._shares[line[0] : line[-1] + 1] = grid.dragged(sizes, edge.first - line[0], by, smallest)
        self._lay_out()
        self.shares_changed.emit()


def _needed(pane: QWidget) -> int:
    """Return the minimum height in pixels at which a pane's content is not cut off."""
    layout = pane.layout()
    if layout is None:
        return 0
    wraps = layout.hasHeightForWidth() and pane.width() > 0
    return layout.totalMinimumHeightForWidth(pane.width()) if wraps else layout.totalMinimumSize().height()


def _drop(handle: Handle) -> None:
    handle.hide()  # now; it goes when nobody is in it any more
    handle.deleteLater()
