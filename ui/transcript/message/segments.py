"""Display of one Markdown block: text, a table that can be scrolled, or code in a frame."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QTextDocument, QTextOption

from ui.base.strings import tr
from ui.transcript.message.segment_chain import PartColumns, SegmentChain
from ui.transcript.text.documents import InnerCode, Laid, Marks
from ui.transcript.text.look import Look
from ui.transcript.text.measures import CODE_HEADER
from ui.widgets.fills import fill

if TYPE_CHECKING:
    from desktop.markdown.blocks import Block

TEXT_GAP, FRAME_GAP = 10, 12
"""Space above a block of text, and above a block in a frame, in pixels."""

_HEADER, _PADDING, _BAR, _RADIUS = 28, 12, 8, 8
_BOUNDLESS = 1_000_000
"""Width in pixels that exceeds that of any table."""

_CENTER = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class Press(Enum):
    """Action requested by clicking a segment."""

    NOTHING = "nothing"
    COPY = "copy"
    WRAP = "wrap"
    SAVE = "save"
    DRAG = "drag"
    FOLD = "fold"
    MORE = "more"


class Segment:
    """A laid-out block of text, such as a paragraph, heading, list or quotation. Base class of other segments."""

    gap = TEXT_GAP

    def __init__(self, document: QTextDocument, source: str) -> None:
        self.laid = Laid(document)
        self.source = source
        """The block's Markdown."""
        self.continued = False
        """Whether it goes on with the block of the segment above."""
        self._quotes = self._codes = False
        self._copy_width = 0
        """Width in pixels of the button that copies code within text, once it was painted."""

    def holds(self, block: Block) -> None:
        """Record which decorations to paint for a block: backgrounds of code and bars of quotations."""
        self.continued = block.continued
        kinds = {token.type for token in block.tokens}
        self._quotes, self._codes = "blockquote_open" in kinds, bool(kinds & {"fence", "code_block"})

    @property
    def text(self) -> str:
        """The displayed text, with one character per position."""
        return self.laid.text

    def height(self, width: int) -> int:
        """Return the height in pixels at a width."""
        return self.laid.height(width)

    def top_changed_since(self, revision: int) -> int:
        """Return the offset in pixels of the first change since a document revision."""
        return self.laid.top_changed_since(revision)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Paint the parts inside the clip, with the segment's corner at a point."""
        for code in self.laid.codes(width) if self._codes else ():
            place = code.ground.translated(at)  # with square corners: of round ones parts are drawn otherwise
            fill(painter, place.intersected(clip), QColor(look.theme.line))
            fill(painter, place.adjusted(1, 1, -1, -1).intersected(clip), QColor(look.theme.bubble))
            header = QRectF(place.left(), place.top(), place.width(), CODE_HEADER)
            if header.intersects(clip):
                self._copy_width = paint_inner_header(painter, look, header, code.language)
        self.laid.paint(painter, at, clip, QColor(look.theme.text), marks)
        for bar in self.laid.bars(width) if self._quotes else ():
            fill(painter, bar.translated(at).intersected(clip), QColor(look.theme.line))

    def position_at(self, point: QPointF) -> int:
        """Return the text position nearest to a point."""
        return self.laid.position_at(point)

    def link_at(self, point: QPointF) -> str:
        """Return the address of the link at a point, or an empty string."""
        return self.laid.link_at(point)

    def rect_of(self, position: int) -> QRectF:
        """Return the caret rectangle of a text position."""
        return self.laid.place_of(position)

    def press_at(self, point: QPointF, width: int) -> Press:
        """Return the action of a click at a point."""
        return Press.COPY if self.inner_code_at(point, width) is not None else Press.NOTHING

    def inner_code_at(self, point: QPointF, width: int) -> InnerCode | None:
        """Return the code within text whose button for copying is at a point."""
        for code in self.laid.codes(width) if self._codes else ():
            right, top = code.ground.right(), code.ground.top()
            if right - self._copy_width <= point.x() <= right and top <= point.y() < top + CODE_HEADER:
                return code
        return None

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Scroll wide content sideways. Returns whether anything moved."""
        del width
        return self.laid.scroll_pictures(distance)


class HiddenSegment(Segment):
    """Segment for a block that has no visible content."""

    gap = 0

    def __init__(self, source: str) -> None:
        super().__init__(QTextDocument(), source)

    def height(self, width: int) -> int:
        """Return 0, because nothing is visible."""
        del width
        return 0

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Paint nothing for a hidden block."""


class TableSegment(Segment):
    """A table, or part of one, that scrolls sideways if it is too wide."""

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
        """Return the height, including the scroll bar if there is one."""
        if self._outgrown and self._columns is not None:
            self._columns.widen(self.chain.widths)
            self.measure()
        self._outgrown = False
        self._natural, self._width = max(self._own_width(), 1), width
        tall = self.laid.height(max(self._natural, width) if self._natural > width else width)
        return tall + (_BAR if self._natural > width and not self.goes_on else 0)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Paint the visible part and the scroll bar."""
        tall = self.laid.height(max(self._natural, width))
        box = QRectF(at.x(), at.y(), width, tall)
        painter.save()
        painter.setClipRect(box.intersected(clip).adjusted(-1, 0, 1, 0), Qt.ClipOperation.IntersectClip)
        shift = self._shift(width)
        last = self.laid.length - 1
        # The empty paragraphs that Qt keeps around a table are not highlighted.
        marks = tuple((max(start, 1), min(end, last), ground, ink) for start, end, ground, ink in marks)
        self.laid.paint(painter, at - QPointF(shift, 0), clip, QColor(look.theme.text), marks)
        painter.restore()
        if self._natural > width and not self.goes_on:
            paint_bar(painter, look, QRectF(box.left(), box.bottom() + 2, width, 4), shift, self._natural)

    def top_changed_since(self, revision: int) -> int:
        """Return 0, because a change may affect the widths of all columns."""
        del revision
        return 0

    def position_at(self, point: QPointF) -> int:
        """Return the text position at a point, taking scrolling into account."""
        return super().position_at(point + QPointF(self._shift(self._width), 0))

    def link_at(self, point: QPointF) -> str:
        """Return the address of the link at a point, taking scrolling into account."""
        return super().link_at(point + QPointF(self._shift(self._width), 0))

    def rect_of(self, position: int) -> QRectF:
        """Return the caret rectangle of a text position, taking scrolling into account."""
        return super().rect_of(position).translated(-self._shift(self._width), 0)

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Scroll the table by pixels. Returns whether anything moved."""
        before = self._shift(width)
        away = -distance if self.chain.rtl else distance
        self.chain.shift = max(min(self.chain.shift + away, self._natural - width), 0.0)
        return self._shift(width) != before

    def _shift(self, width: int) -> float:
        """Return the horizontal scroll offset. The chain's own offset is measured from the first column."""
        hidden = max(self._natural - width, 0.0)
        away = max(min(self.chain.shift, hidden), 0.0)
        return hidden - away if self.chain.rtl else away

    def measure(self) -> None:
        """Request a new measurement of the columns."""
        self._natural = 0

    def outgrow(self) -> None:
        """Use the chain's column widths at the next layout."""
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
    """Code, or part of it, in a frame that has the language and buttons at the top."""

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
        """Set the code after lines were added."""
        self.code = code
        self._natural = -1

    def toggle_wrap(self) -> None:
        """Turn line wrapping on or off."""
        self.chain.wraps = not self.chain.wraps
        self.chain.shift = 0.0

    def height(self, width: int) -> int:
        """Return the height of frame, header, lines and scroll bar together."""
        inner = width - 2 * _PADDING
        tall = self._lines_height(inner)
        self._barred = not self.goes_on and not self.chain.wraps and self._widest() > inner
        return self._header + tall + (0 if self.goes_on else _PADDING) + (_BAR if self._barred else 0)

    def paint(self, painter: QPainter, look: Look, at: QPointF, width: int, clip: QRectF, marks: Marks) -> None:
        """Paint the frame, the header and the visible lines."""
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
        """Return the offset in pixels of the first change, including the header."""
        top = super().top_changed_since(revision)
        return self._header + top if top else 0

    def position_at(self, point: QPointF) -> int:
        """Return the text position at a point of the visible lines."""
        return super().position_at(point - self._corner())

    def link_at(self, point: QPointF) -> str:
        """Return an empty string, because code has no links."""
        del point
        return ""

    def rect_of(self, position: int) -> QRectF:
        """Return the caret rectangle of a text position inside the frame."""
        return super().rect_of(position).translated(self._corner())

    def press_at(self, point: QPointF, width: int) -> Press:
        """Return the command of the button at a point, or DRAG for the rest of the header."""
        for press, rect in self._buttons.items():
            if rect.contains(point.toPoint()):
                return press
        in_header = not self.continued and 0 <= point.y() < _HEADER and 0 <= point.x() < width
        return Press.DRAG if in_header else Press.NOTHING

    def scroll_sideways(self, distance: float, width: int) -> bool:
        """Scroll the code by pixels. Returns whether anything moved."""
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
        """Return the width of the longest known line in all parts of the code block."""
        if self._natural < 0:
            self._natural = self.laid.natural_width()
            self.chain.natural = max(self.chain.natural, self._natural)
        return self.chain.natural

    def _paint_frame(self, painter: QPainter, look: Look, frame: QRectF, clip: QRectF) -> None:
        """Paint the visible part of the frame. Edges at which the code continues in another part stay open."""
        paint_frame(painter, look, frame, clip, continued=self.continued, goes_on=self.goes_on)
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


def paint_frame(
    painter: QPainter, look: Look, frame: QRectF, clip: QRectF, *, continued: bool = False, goes_on: bool = False
) -> None:
    """Paint the visible part of a frame. If it continues in other parts above or below, those edges stay open."""
    painter.setPen(QPen(QColor(look.theme.line), 1))
    painter.setBrush(QColor(look.theme.surface))
    beyond = frame.adjusted(0, -2 * _RADIUS if continued else 0, 0, 2 * _RADIUS if goes_on else 0)
    painter.save()
    painter.setClipRect(frame.intersected(clip), Qt.ClipOperation.IntersectClip)
    painter.drawRoundedRect(beyond.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
    painter.restore()


def paint_inner_header(painter: QPainter, look: Look, header: QRectF, language: str) -> int:
    """Paint the language of code within text and its button. Returns the button's width with its margins."""
    painter.setFont(look.fonts.small)
    painter.setPen(QColor(look.theme.muted))
    line, metrics = header.adjusted(_PADDING, 0, -_PADDING, 0), QFontMetrics(look.fonts.small)
    copy = tr("Copy")
    wide = metrics.horizontalAdvance(copy)
    painter.drawText(line, _CENTER | Qt.AlignmentFlag.AlignRight, copy)
    name = metrics.elidedText(language or tr("text"), Qt.TextElideMode.ElideRight, round(line.width()) - wide - 14)
    painter.drawText(line, _CENTER | Qt.AlignmentFlag.AlignLeft, name)
    return wide + 2 * _PADDING


def paint_bar(painter: QPainter, look: Look, track: QRectF, shift: float, whole: int) -> None:
    """Paint a thin scroll bar."""
    share = track.width() / max(whole, 1)
    handle = QRectF(track.left() + shift * share, track.top(), max(track.width() * share, 24), track.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.theme.line))
    painter.drawRoundedRect(handle, 2, 2)
