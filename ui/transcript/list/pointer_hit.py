"""What is at a point of the transcript: segments, links, attachments, and lines that fold or switch versions."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, Qt

from ui.transcript.list.canvas import Canvas
from ui.transcript.list.flow import Placed
from ui.transcript.message.segments import Press, Segment
from ui.transcript.message.slabs import BriefSlab, FootSlab, HeadSlab, Slab
from ui.widgets.tips import plain_tip


class PointedSegment(NamedTuple):
    """A segment, its index in the slab, and the position of its corner in the viewport."""

    number: int
    segment: Segment
    corner: QPointF


class PointerHit:
    """Finds out what is at a point of the viewport."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def near(self, y: int, *, exactly: bool = False) -> Placed[Slab] | None:
        """Return the slab at a vertical position, or the nearest one unless `exactly`."""
        placed, width = self._canvas.placed, self._canvas.column[1]
        nearest: Placed[Slab] | None = None
        for each in placed:
            if each.top > y:
                break
            nearest = each
        if nearest is None:
            return None if exactly or not placed else placed[0]
        if exactly and y >= nearest.top + nearest.slab.height(width):
            return None
        return nearest

    def segment(self, each: Placed[Slab], point: QPoint) -> PointedSegment | None:
        """Return the segment of a slab at a point, or the last one above the point."""
        left, width = self._canvas.column
        pointed: PointedSegment | None = None
        for number, segment in enumerate(each.slab.segments):
            if each.slab.is_folded(number):
                continue
            top = each.top + each.slab.segment_top(number, width)
            if pointed is not None and top > point.y():
                break
            pointed = PointedSegment(number, segment, QPointF(left + each.slab.inset(), top))
        return pointed

    def link(self, point: QPoint) -> str:
        """Return the address of the link at a point, or an empty string."""
        each = self.near(point.y(), exactly=True)
        found = self.segment(each, point) if each else None
        return found.segment.link_at(QPointF(point) - found.corner) if found else ""

    def file(self, each: Placed[Slab] | None, point: QPoint) -> int | None:
        """Return the index of the attachment at a point, or None."""
        left, width = self._canvas.column
        return each.slab.tile_at(point - QPoint(left, each.top), width) if each is not None else None

    def tip(self, each: Placed[Slab] | None, point: QPoint) -> str:
        """Return the tooltip at a point, or an empty string."""
        number = self.file(each, point)
        return plain_tip(each.slab.tip_of(number)) if each is not None and number is not None else ""

    def folds(self, each: Placed[Slab], point: QPoint) -> bool:
        """Whether a point is on the line that expands or collapses the reasoning."""
        left, width = self._canvas.column
        slab = each.slab
        return isinstance(slab, HeadSlab) and slab.fold(width).translated(left, each.top).contains(point)

    def version_step(self, each: Placed[Slab], point: QPoint) -> int:
        """Return by how many versions a click at a point moves, or 0 if it does not."""
        left, width = self._canvas.column
        at, slab = point - QPoint(left, each.top), each.slab
        if isinstance(slab, HeadSlab):
            return slab.version_step(at, width)
        if isinstance(slab, FootSlab) and slab.version_link(width).contains(at):
            return slab.shown.branch.longest - slab.shown.branch.number
        return 0

    def named(self, each: Placed[Slab], point: QPoint) -> bool:
        """Whether a point is on the name of the author."""
        left, width = self._canvas.column
        slab = each.slab
        if not isinstance(slab, HeadSlab) or not slab.label(width).translated(left, each.top).contains(point):
            return False
        beside = left + width - point.x() if self._canvas.isRightToLeft() else point.x() - left
        return beside <= slab.name_width

    def shape(self, each: Placed[Slab] | None, point: QPoint) -> Qt.CursorShape:
        """Return the cursor shape at a point, such as a hand over controls and a beam over text."""
        left, width = self._canvas.column
        if each is None or not left <= point.x() <= left + width:
            return Qt.CursorShape.ArrowCursor
        pressable = isinstance(each.slab, BriefSlab) or self.folds(each, point) or self.version_step(each, point)
        if pressable or self.file(each, point) is not None:
            return Qt.CursorShape.PointingHandCursor
        if self.named(each, point):
            return Qt.CursorShape.OpenHandCursor
        pointed = self.segment(each, point)
        if pointed is None:
            return Qt.CursorShape.ArrowCursor
        at = QPointF(point) - pointed.corner
        pressed = pointed.segment.press_at(at, each.slab.room(width))
        if pressed is Press.DRAG:
            return Qt.CursorShape.OpenHandCursor
        if pointed.segment.link_at(at) or pressed is not Press.NOTHING:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.IBeamCursor
