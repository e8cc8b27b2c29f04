"""Area that arranges the panes, lets users resize them, and scrolls instead of making them too small."""

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
from ui.workspace.grid import Edge, Rect

_GRIP = 5
"""Width in pixels of the part of a handle that can be dragged. Only a hairline in the middle is visible."""

_TINT = 40


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
    lowest: int
    direction: Qt.LayoutDirection


class PaneArea(QScrollArea):
    """Scroll area whose inner widget contains the panes.

    `shares` are the relative widths or heights of the panes, where 1 means evenly distributed. `heights` are those
    of the rows of a grid.
    """

    shares_changed = Signal()
    """Emitted after the user resized a pane."""

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
        lowest = self._lowest()
        return grid.rects(room.width(), room.height(), self._arrangement, self._shares, self._heights, lowest)

    @Slot()
    def fit(self) -> None:
        """Schedule a new layout, because a pane may need another height."""
        self._fitting.start()

    def _lowest(self) -> int:
        """Return the height in pixels at which a pane shows all essential parts. With less space, the area scrolls."""
        if self._arrangement is Arrangement.ROW or len(self._panes) < 2:
            return grid.LOWEST
        needed = (_needed(pane) for pane in self._panes)
        return max(grid.LOWEST, min(max(needed), self.viewport().height()))

    def spot(self, point: QPoint, *, beside_only: bool = False) -> grid.Spot | None:
        """Return where a drop at a screen position would take effect, or None if the position is outside all panes."""
        at = self._room.mapFromGlobal(point)
        x = at.x() if self.isLeftToRight() else self._room.width() - 1 - at.x()
        arrangement = self._arrangement
        if self._maximised is not None:
            inside = self._room.rect().contains(at) and not beside_only
            return grid.Spot(self._maximised, beside=False, rect=self.placed[0]) if inside else None
        return grid.spot(self.placed, arrangement, x, at.y(), beside_only=beside_only)

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
        return _Rooms(self.viewport().size(), self._room_size(), self._lowest(), self.layoutDirection())

    def _room_size(self) -> QSize:
        one = self._maximised is not None
        width, height = (0, 0) if one else self._least()
        if len(self._panes) > 1 and (one or self._arrangement is Arrangement.ROW):
            height = max(_needed(pane) for place, pane in enumerate(self._panes) if self._maximised in (None, place))
        return self.viewport().size().expandedTo(QSize(width, height))

    def _lay_out(self) -> None:
        self._laid = self._rooms()
        self._room.resize(self._laid.whole)
        placed = self.placed
        for pane, rect in zip(self._panes, placed, strict=True):
            pane.setGeometry(self._seen(self._with_line(rect)))
        edges = [] if self._maximised is not None else grid.edges(placed, self._arrangement)
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

    def _least(self) -> tuple[int, int]:
        return grid.least(len(self._panes), self._arrangement, self.viewport().width(), self._lowest())

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
        lines = grid.lines_of(len(placed), self._arrangement, self._room.width())
        if edge.of_lines:
            sizes = [placed[line[0]].height for line in lines]
            self._heights = grid.dragged(sizes, edge.first, by, self._lowest())
        else:
            line = next(each for each in lines if edge.first in each)
            sizes = [placed[place].width if edge.across else placed[place].height for place in line]
            smallest = grid.NARROWEST if edge.across else self._lowest()
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
