"""One block of a message on the screen: text, a table that scrolls sideways in itself, code in its frame."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QTextDocument, QTextOption

from ui.base.strings import tr
from ui.transcript.message.segment_chain import PartColumns, SegmentChain
from ui.transcript.text.documents import Laid, Marks
from ui.transcript.text.look import Look
from ui.widgets.fills import fill

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block

TEXT_GAP, FRAME_GAP = 10, 12
"""Pixels above a block of text, and above one in a frame."""

_HEADER, _PADDING, _BAR, _RADIUS = 28, 12, 8, 8
_BOUNDLESS = 1_000_000
"""Pixels that no table has."""

_CENTER = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class Press(Enum):
    """What a press into a segment asks for."""

    NOTHING = "nothing"
    COPY = "copy"
    WRAP = "wrap"
    SAVE = "save"
    DRAG = "drag"


class Segment:
    """A block laid out for a width: plain text, headings, lists, quotes."""

    gap = TEXT_GAP

    def __init__(self, document: QTextDocument, source: str) -> None:
        self.laid = Laid(document)
        self.source = source
        """The block's Markdown."""
        self.continued = False
        """Whether it goes on with the block of the segment above."""
        self._quotes = self._codes = False

    def holds(self, block: Block) -> None:
        """Take note of what in a block is drawn below or beside its text: the ground of code, the bars of quotes."""
        self.continued = block.continued
        kinds = {token.type for token in block.tokens}
        self._quotes, self._codes = "blockquote_open" in kinds, bool(kinds & {"fence", "code_block"})

    @property
    def text(self) -> str:
        """What is shown, as many characters as there are positions."""
        return self.laid.text

    def height(self, width: int) -> int:
        """Pixels high at a width."""
        return self.laid.height(width)

    def top_changed_since(self, revision: int) -> int:
        """Pixels from its top to where it differs since a revision of its document, which grew at its end."""
        return self.laid.top_changed_since(revision)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Draw at a point what lies within `clip`, both in the painter's coordinates."""
        for ground in self.laid.grounds(width) if self._codes else ():
            place = ground.translated(at)  # with square corners: of round ones parts are drawn otherwise than the whole
            fill(painter, place.intersected(clip), QColor(look.theme.line))
            fill(painter, place.adjusted(1, 1, -1, -1).intersected(clip), QColor(look.theme.bubble))
        self.laid.paint(painter, at, clip, QColor(look.theme.text), marks)
        for bar in self.laid.bars(width) if self._quotes else ():
            fill(painter, bar.translated(at).intersected(clip), QColor(look.theme.line))

    def position_at(self, point: QPointF) -> int:
        """The position nearest to a point, from the segment's own corner."""
        return self.laid.position_at(point)

    def link_at(self, point: QPointF) -> str:
        """Where the text at a point leads."""
        return self.laid.link_at(point)

    def rect_of(self, position: int) -> QRectF:
        """Where the caret stands at a position, from the segment's own corner."""
        return self.laid.place_of(position)

    def press_at(self, point: QPointF, width: int) -> Press:
        """What a press at a point asks for."""
        del point, width
        return Press.NOTHING

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Move what is too wide; whether anything moved."""
        del width
        return self.laid.scroll_pictures(distance)


class HiddenSegment(Segment):
    """A block of which nothing is shown."""

    gap = 0

    def __init__(self, source: str) -> None:
        super().__init__(QTextDocument(), source)

    def height(self, width: int) -> int:
        """None."""
        del width
        return 0

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Nothing."""


class TableSegment(Segment):
    """A table that is as wide as it likes, moved sideways where that is too wide; or one part of it."""

    gap = FRAME_GAP

    def __init__(
        self,
        document: QTextDocument,
        source: str,
        chain: SegmentChain | None = None,
        *,
        columns: PartColumns | None = None,
        continued: bool = False,
    ) -> None:
        super().__init__(document, source)
        self.chain = chain or SegmentChain()
        self.continued = continued
        self.goes_on = False
        """Whether another part follows right below."""
        self._columns = columns
        self._outgrown = False
        self._natural = 0
        self._measured = -1  # the document's revision then: drawn formulas take other room than their sources
        self._width = 0
        if continued:
            self.gap = 0

    def height(self, width: int) -> int:
        """With room for the bar where it is too wide."""
        if self._outgrown and self._columns is not None:
            self._columns.widen(self.chain.widths)
            self.measure()
        self._outgrown = False
        self._natural, self._width = max(self._own_width(), 1), width
        tall = self.laid.height(max(self._natural, width) if self._natural > width else width)
        return tall + (_BAR if self._natural > width and not self.goes_on else 0)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Draw the part that is in view, and the bar below it."""
        tall = self.laid.height(max(self._natural, width))
        box = QRectF(at.x(), at.y(), width, tall)
        painter.save()
        painter.setClipRect(box.intersected(clip).adjusted(-1, 0, 1, 0), Qt.ClipOperation.IntersectClip)
        shift = self._shift(width)
        last = self.laid.length - 1
        # The paragraphs that Qt keeps around a table are not marked.
        marks = tuple((max(start, 1), min(end, last), ground, ink) for start, end, ground, ink in marks)
        self.laid.paint(painter, at - QPointF(shift, 0), clip, QColor(look.theme.text), marks)
        painter.restore()
        if self._natural > width and not self.goes_on:
            paint_bar(painter, look, QRectF(box.left(), box.bottom() + 2, width, 4), shift, self._natural)

    def top_changed_since(self, revision: int) -> int:
        """All of it: columns change their widths."""
        del revision
        return 0

    def position_at(self, point: QPointF) -> int:
        """The position at a point of the part in view."""
        return super().position_at(point + QPointF(self._shift(self._width), 0))

    def link_at(self, point: QPointF) -> str:
        """The link at a point of the part in view."""
        return super().link_at(point + QPointF(self._shift(self._width), 0))

    def rect_of(self, position: int) -> QRectF:
        """As it is shifted."""
        return super().rect_of(position).translated(-self._shift(self._width), 0)

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Move by pixels."""
        before = self._shift(width)
        away = -distance if self.chain.rtl else distance
        self.chain.shift = max(min(self.chain.shift + away, self._natural - width), 0.0)
        return self._shift(width) != before

    def _shift(self, width: int) -> float:
        """Pixels to the left of what is in view; the chain has them from where the columns begin."""
        hidden = max(self._natural - width, 0.0)
        away = max(min(self.chain.shift, hidden), 0.0)
        return hidden - away if self.chain.rtl else away

    def measure(self) -> None:
        """Its columns may have other widths."""
        self._natural = 0

    def outgrow(self) -> None:
        """Another part needs wider columns: this one takes their widths when it is laid out next."""
        self._outgrown = True

    def _own_width(self) -> int:
        document, columns = self.laid.document, self._columns
        if columns is not None and (fixed := columns.fixed_width):
            self._natural = round(fixed)  # as laid out, which takes long
        elif not self._natural or document.revision() != self._measured:
            document.setTextWidth(-1)
            if columns is not None and columns.narrow():
                document.setTextWidth(_BOUNDLESS)  # without any, Qt passes over what columns are held to
            self._natural = self.laid.natural_width()
            self._measured = document.revision()
        return self._natural


class CodeSegment(Segment):
    """Code in a frame, with its language and what can be done with it above; or one part of it."""

    gap = FRAME_GAP

    def __init__(
        self,
        document: QTextDocument,
        source: str,
        chain: SegmentChain | None = None,
        *,
        language: str,
        title: str = "",
        code: str = "",
        continued: bool = False,
    ) -> None:
        super().__init__(document, source)
        self.chain = chain or SegmentChain()
        self.language = language
        self.title = title
        """What the fence says besides: a file's name mostly."""
        self.code = code
        self.continued = continued
        self.start = 0
        """Where it begins in the message."""
        self.goes_on = False
        """Whether another part follows right below."""
        self._wrapped: bool | None = None
        self._natural = -1
        self._barred = False
        self._buttons: dict[Press, QRect] = {}
        self._header = 0 if continued else _HEADER + _PADDING
        if continued:
            self.gap = 0

    def grown(self, code: str) -> None:
        """The document has more lines, or longer ones."""
        self.code = code
        self._natural = -1

    def toggle_wrap(self) -> None:
        """Break long lines, or not."""
        self.chain.wraps = not self.chain.wraps
        self.chain.shift = 0.0

    def height(self, width: int) -> int:
        """Frame, header and lines, with room for the bar where lines are too long."""
        inner = width - 2 * _PADDING
        tall = self._lines_height(inner)
        self._barred = not self.goes_on and not self.chain.wraps and self._widest() > inner
        return self._header + tall + (0 if self.goes_on else _PADDING) + (_BAR if self._barred else 0)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Draw the frame, the header, and the lines that are in view."""
        frame = QRectF(at.x(), at.y(), width, self.height(width))
        self._paint_frame(painter, look, frame, clip)
        if not self.continued and clip.top() <= frame.top() + _HEADER:
            self._paint_header(painter, look, frame)
        inner = width - 2 * _PADDING
        box = QRectF(frame.left() + _PADDING, frame.top() + self._header, inner, self._lines_height(inner))
        self.chain.shift = 0.0 if self.chain.wraps else max(min(self.chain.shift, self._widest() - inner), 0.0)
        painter.save()
        painter.setClipRect(box.adjusted(-1, 0, 1, 0), Qt.ClipOperation.IntersectClip)
        start = QPointF(box.left() - self.chain.shift, box.top())
        self.laid.paint(painter, start, clip, QColor(look.theme.text), marks)
        painter.restore()
        if self._barred:
            track = QRectF(box.left(), frame.bottom() - 9, inner, 4)
            paint_bar(painter, look, track, self.chain.shift, self._widest())

    def top_changed_since(self, revision: int) -> int:
        """Below its header, if not the header too."""
        top = super().top_changed_since(revision)
        return self._header + top if top else 0

    def position_at(self, point: QPointF) -> int:
        """The position at a point of the lines in view."""
        return super().position_at(point - self._corner())

    def link_at(self, point: QPointF) -> str:
        """Code leads nowhere."""
        del point
        return ""

    def rect_of(self, position: int) -> QRectF:
        """As it stands in the frame."""
        return super().rect_of(position).translated(self._corner())

    def press_at(self, point: QPointF, width: int) -> Press:
        """The words in the header; beside them it is taken to be dragged."""
        for press, rect in self._buttons.items():
            if rect.contains(point.toPoint()):
                return press
        in_header = not self.continued and 0 <= point.y() < _HEADER and 0 <= point.x() < width
        return Press.DRAG if in_header else Press.NOTHING

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Move by pixels."""
        before = self.chain.shift
        most = max(self._widest() - (width - 2 * _PADDING), 0)
        self.chain.shift = 0.0 if self.chain.wraps else max(min(before + distance, most), 0.0)
        return self.chain.shift != before

    def _corner(self) -> QPointF:
        return QPointF(_PADDING - self.chain.shift, self._header)

    def _lines_height(self, inner: int) -> int:
        if self._wrapped is not self.chain.wraps:
            self._wrapped = self.chain.wraps
            option = QTextOption(self.laid.document.defaultTextOption())
            broken, whole = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere, QTextOption.WrapMode.NoWrap
            option.setWrapMode(broken if self._wrapped else whole)
            self.laid.document.setDefaultTextOption(option)
        return self.laid.height(max(inner, 1))

    def _widest(self) -> int:
        """Pixels of the longest line, of those in other parts too."""
        if self._natural < 0:
            self._natural = self.laid.natural_width()
            self.chain.natural = max(self.chain.natural, self._natural)
        return self.chain.natural

    def _paint_frame(self, painter: QPainter, look: Look, frame: QRectF, clip: QRectF) -> None:
        """Draw what is seen of the frame, of a part of it without the edges that other parts have."""
        painter.setPen(QPen(QColor(look.theme.line), 1))
        painter.setBrush(QColor(look.theme.surface))
        beyond = frame.adjusted(0, -2 * _RADIUS if self.continued else 0, 0, 2 * _RADIUS if self.goes_on else 0)
        painter.save()
        painter.setClipRect(frame.intersected(clip), Qt.ClipOperation.IntersectClip)
        painter.drawRoundedRect(beyond.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.restore()
        if not self.continued and clip.top() <= frame.top() + _HEADER + 1:
            rule = QRectF(frame.left() + 1, frame.top() + _HEADER, frame.width() - 2, 1)
            fill(painter, rule, QColor(look.theme.line))

    def _paint_header(self, painter: QPainter, look: Look, frame: QRectF) -> None:
        painter.setFont(look.fonts.small)
        painter.setPen(QColor(look.theme.muted))
        metrics = QFontMetrics(look.fonts.small)
        line = QRectF(frame.left() + _PADDING, frame.top(), frame.width() - 2 * _PADDING, _HEADER)
        right = line.right()
        wraps = tr("Unwrap") if self.chain.wraps else tr("Wrap")
        for press, word in ((Press.COPY, tr("Copy")), (Press.SAVE, tr("Save")), (Press.WRAP, wraps)):
            wide = metrics.horizontalAdvance(word)
            box = QRectF(right - wide, line.top(), wide, _HEADER)
            painter.drawText(box, _CENTER | Qt.AlignmentFlag.AlignRight, word)
            corner = frame.topLeft()
            self._buttons[press] = box.translated(-corner).toRect().adjusted(-4, 0, 4, 0)
            right -= wide + 14
        room = int(right - line.left())
        name = " ".join(filter(None, (self.language or tr("text"), self.title)))
        name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, _CENTER | Qt.AlignmentFlag.AlignLeft, name)


def paint_bar(painter: QPainter, look: Look, track: QRectF, shift: float, whole: int) -> None:
    """A thin bar that says which part of something wide is in view."""
    share = track.width() / max(whole, 1)
    handle = QRectF(track.left() + shift * share, track.top(), max(track.width() * share, 24), track.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.theme.line))
    painter.drawRoundedRect(handle, 2, 2)
