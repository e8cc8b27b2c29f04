"""What is dropped on the panes: a pane by its header goes to another place, a conversation of the list opens there."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Signal, Slot
from PySide6.QtGui import QDropEvent

from ui.pane.pane import Pane
from ui.workspace.area import PaneArea
from ui.workspace.pane_list import PaneList
from ui.workspace.pane_moves import PaneMoves

CONVERSATION = "application/x-paragone-conversation"
"""The MIME type of a conversation's id, as UTF-8."""

_MOVES = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class DragDrop(QObject):
    """Marks the place while something is over it."""

    conversation_dropped = Signal(str, int, bool)
    """The id, the place of a pane, and whether it goes between that pane and the one before it, not onto it."""

    def __init__(self, line: PaneList, area: PaneArea, places: PaneMoves) -> None:
        super().__init__(area)
        self._line = line
        self._area = area
        self._places = places
        area.viewport().setAcceptDrops(True)
        area.viewport().installEventFilter(self)
        line.dragged.connect(self._dragged)
        line.dropped.connect(self._dropped)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a conversation; files and all else are the window's."""
        if event.type() == QEvent.Type.DragLeave:
            self._area.mark(None)
        ours = isinstance(event, QDropEvent) and event.mimeData().hasFormat(CONVERSATION)
        if not ours or not isinstance(event, QDropEvent) or event.type() not in (*_MOVES, QEvent.Type.Drop):
            return super().eventFilter(watched, event)
        point = self._area.viewport().mapToGlobal(event.position().toPoint())
        spot = self._area.spot(point)
        if event.type() in _MOVES:
            self._area.mark(spot)
        else:
            self._area.mark(None)
            if spot is not None:
                id_ = bytes(event.mimeData().data(CONVERSATION).data()).decode("utf-8", "replace")
                self.conversation_dropped.emit(id_, spot.place, spot.beside)
        event.setAccepted(spot is not None)
        return True

    @Slot(object, QPoint)
    def _dragged(self, pane: Pane, point: QPoint) -> None:
        self._area.mark(self._area.spot(point, beside_only=True) if pane in self._line else None)

    @Slot(object, QPoint)
    def _dropped(self, pane: Pane, point: QPoint) -> None:
        self._area.mark(None)
        spot = self._area.spot(point, beside_only=True)
        if spot is None or pane not in self._line:
            return
        at = self._line.place(pane)
        place = spot.place - 1 if spot.place > at else spot.place
        if place != at:
            self._places.move_to(pane, place)
