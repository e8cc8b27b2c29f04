"""Part of a tool card that has text, of which the heavy parts of the program are not needed until there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QTextDocument

from ui.transcript.message.segments import Press, Segment
from ui.transcript.message.slabs import Slab
from ui.transcript.message.tool_card import TextKind, ToolCard

if TYPE_CHECKING:
    from ui.transcript.message.shown import Shown

PADDING = 12
"""Padding of a card in pixels."""


class CardSegment(Segment):
    """Text in a card. Its slab sets the boxes that can be pressed, relative to the corner of the text."""

    def __init__(self, document: QTextDocument, source: str) -> None:
        super().__init__(document, source)
        self.boxes: dict[Press, QRect] = {}

    def press_at(self, point: QPointF, width: int) -> Press:
        """Return the action of a click at a point."""
        del width
        return next((press for press, box in self.boxes.items() if box.contains(point.toPoint())), Press.NOTHING)

    def link_at(self, point: QPointF) -> str:
        """Return an empty string, because nothing in a card is a link."""
        del point
        return ""


class CardSlab(Slab):
    """Part of a card, which paints its part of the frame."""

    def __init__(self, shown: Shown, card: ToolCard) -> None:
        super().__init__(shown)
        self.card = card
        self.kind: TextKind | None = None
        """Kind of the text, or None for the first line of the card."""
        self.goes_on = False
        """Whether another part of the card follows below."""
        self.is_torn = False
        """Whether it begins within a line of the part above."""
        self._segment: CardSegment | None = None

    @property
    def whole_text(self) -> str:
        """All of the text to which this part belongs, as received; the first line is complete, with its state."""
        raise NotImplementedError

    @property
    def segments(self) -> Sequence[Segment]:
        """The single segment."""
        return (self._made(),)

    def inset(self) -> int:
        """Return the padding of the card."""
        return PADDING

    def _made(self) -> CardSegment:
        if self._segment is None:
            self._segment = self._written()
        return self._segment

    def _written(self) -> CardSegment:
        raise NotImplementedError

    def _forget(self) -> None:
        self._segment = None
