"""What of a transcript lies at a point of its window."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, Qt

from ui.transcript.list.canvas import Canvas
from ui.transcript.list.flow import Placed
from ui.transcript.message.segments import Press, Segment
from ui.transcript.message.slabs import BriefSlab, FootSlab, HeadSlab, Slab
from ui.widgets.tips import plain_tip


class PointedSegment(NamedTuple):
    """A segment by its number in its slab, and its corner in the viewport."""

    number: int
    segment: Segment
    corner: QPointF


class PointerHit:
    """Points are the viewport's."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def near(self, y: int, *, exactly: bool = False) -> Placed[Slab] | None:
        """The slab at a height of the window, else the nearest one."""
        placed, width = self._canvas.placed, self._canvas.column[1]
        found: Placed[Slab] | None = None
        for each in placed:
            if each.top > y:
                break
            found = each
        if found is None:
            return None if exactly or not placed else placed[0]
        if exactly and y >= found.top + found.slab.height(width):
            return None
        return found

    def segment(self, each: Placed[Slab], point: QPoint) -> PointedSegment | None:
        """The segment of a slab at a point, or the one above it."""
        left, width = self._canvas.column
        found: PointedSegment | None = None
        for number, segment in enumerate(each.slab.segments):
            top = each.top + each.slab.segment_top(number, width)
            if found is not None and top > point.y():
                break
            found = PointedSegment(number, segment, QPointF(left + each.slab.inset(), top))
        return found

    def link(self, point: QPoint) -> str:
        """Where the text at a point leads, empty for nowhere."""
        each = self.near(point.y(), exactly=True)
        found = self.segment(each, point) if each else None
        return found.segment.link_at(QPointF(point) - found.corner) if found else ""

    def file(self, each: Placed[Slab] | None, point: QPoint) -> int | None:
        """The number of the message's file whose tile is at a point."""
        left, width = self._canvas.column
        return each.slab.tile_at(point - QPoint(left, each.top), width) if each is not None else None

    def tip(self, each: Placed[Slab] | None, point: QPoint) -> str:
        """What is told of what is at a point while the mouse rests there; nothing of most of it."""
        number = self.file(each, point)
        return plain_tip(each.slab.tip_of(number)) if each is not None and number is not None else ""

    def folds(self, each: Placed[Slab], point: QPoint) -> bool:
        """Whether a point is on the line that folds thoughts."""
        left, width = self._canvas.column
        slab = each.slab
        return isinstance(slab, HeadSlab) and slab.fold(width).translated(left, each.top).contains(point)

    def version_step(self, each: Placed[Slab], point: QPoint) -> int:
        """How many versions further a press at a point goes; 0 for nowhere."""
        left, width = self._canvas.column
        at, slab = point - QPoint(left, each.top), each.slab
        if isinstance(slab, HeadSlab):
            return slab.version_step(at, width)
        if isinstance(slab, FootSlab) and slab.version_link(width).contains(at):
            return slab.shown.branch.longest - slab.shown.branch.number
        return 0

    def named(self, each: Placed[Slab], point: QPoint) -> bool:
        """Whether a point is on the name of who said a message."""
        left, width = self._canvas.column
        slab = each.slab
        if not isinstance(slab, HeadSlab) or not slab.label(width).translated(left, each.top).contains(point):
            return False
        beside = left + width - point.x() if self._canvas.isRightToLeft() else point.x() - left
        return beside <= slab.name_width

    def shape(self, each: Placed[Slab] | None, point: QPoint) -> Qt.CursorShape:
        """What the mouse looks like there: a hand where a press does something, a beam over text."""
        left, width = self._canvas.column
        if each is None or not left <= point.x() <= left + width:
            return Qt.CursorShape.ArrowCursor
        pressable = isinstance(each.slab, BriefSlab) or self.folds(each, point) or self.version_step(each, point)
        if pressable or self.file(each, point) is not None:
            return Qt.CursorShape.PointingHandCursor
        if self.named(each, point):
            return Qt.CursorShape.OpenHandCursor
        found = self.segment(each, point)
        if found is None:
            return Qt.CursorShape.ArrowCursor
        at = QPointF(point) - found.corner
        pressed = found.segment.press_at(at, each.slab.room(width))
        if pressed is Press.DRAG:
            return Qt.CursorShape.OpenHandCursor
        if found.segment.link_at(at) or pressed is not Press.NOTHING:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.IBeamCursor
