"""Slabs of a tool card: its first line, and when unfolded the arguments, the result and the images."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication

from ui.base.strings import tr
from ui.transcript.message.card_slab import PADDING, CardSegment, CardSlab
from ui.transcript.message.files_slab import FilesSlab, PlacedTile
from ui.transcript.message.segments import FRAME_GAP, Press, Segment, paint_frame
from ui.transcript.message.slabs import MarksOf, Pen, Slab, write_line
from ui.transcript.message.tool_card import CardText, Piece, TextKind, Tone, ToolCard, cut
from ui.transcript.text.formats import CODE_HEIGHT
from ui.transcript.text.tool_document import LinePart, line_document, text_document
from ui.widgets.fills import fill

if TYPE_CHECKING:
    from ui.transcript.message.shown import Shown

CARD_HEIGHT = 32
"""Height of a folded card in pixels, unless its font is large."""

_BETWEEN, _TRIANGLE, _ABOVE = 6, 16, 8
"""Space between cards, width of the triangle's column, and space above a text, in pixels."""

_BESIDE_STATE, _AROUND_WORD = 16, 4
"""Space between the first line and the state, and around a word that can be pressed, in pixels."""

_UNKNOWN = 10_000
"""Room in pixels for the first line before the card was laid out."""


class CardHeadSlab(CardSlab):
    """First line of a card: a triangle, the tool, its server, the arguments, and the state at the end of the line."""

    def __init__(self, shown: Shown, card: ToolCard) -> None:
        super().__init__(shown, card)
        self.is_first = False
        """Whether the text begins with it."""
        self.previous: Slab | None = None
        """The slab of the body right above."""
        self._drawn: tuple[str, int] = ("", 0)
        """The state and the width that the line was made for."""

    @property
    def whole_text(self) -> str:
        """The complete line with the state, as plain text."""
        return self.card.line(live=self.shown.live)

    def inset(self) -> int:
        """Return the space for the padding and the triangle."""
        return PADDING + _TRIANGLE

    def segment_top(self, number: int, width: int) -> int:
        """Return the offset of the line."""
        del number
        return self._gap + (self._tall - self._made().height(self.room(width))) // 2

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the frame, the triangle, the line and the state."""
        look, painter = self.shown.look, pen.painter
        frame = QRectF(pen.left, pen.top + self._gap, pen.width, self._tall)
        paint_frame(painter, look, frame, pen.clip, goes_on=self.goes_on)
        if self.goes_on:
            rule = QRectF(frame.left() + 1, frame.bottom() - 1, frame.width() - 2, 1)
            fill(painter, rule, QColor(look.theme.line))
        state, tone = self.card.state(live=self.shown.live)
        self._fit(pen.width, state)
        box, runs_right = frame.toRect(), _runs_right()
        painter.setFont(look.fonts.small)
        painter.setPen(QColor(look.theme.muted))
        mark = "▾" if self.card.unfolded else "▸" if runs_right else "◂"
        write_line(painter, _inside(box, PADDING, _TRIANGLE), mark)
        colors = {Tone.MUTED: look.theme.muted, Tone.WARN: look.theme.warn, Tone.BAD: look.theme.bad}
        painter.setPen(QColor(colors[tone]))
        wide = QFontMetrics(look.fonts.small).horizontalAdvance(state) + 1
        write_line(painter, _inside(box, box.width() - PADDING - wide, wide), state)
        at = QPointF(pen.left + self.inset(), pen.top + self.segment_top(0, pen.width))
        self._made().laid.paint(painter, at, pen.clip, QColor(look.theme.text), marks(0))

    @property
    def _gap(self) -> int:
        return 0 if self.is_first else _BETWEEN if isinstance(self.previous, CardSlab | CardFilesSlab) else FRAME_GAP

    @property
    def _tall(self) -> int:
        return max(CARD_HEIGHT, QFontMetrics(self.shown.look.fonts.small).height() + 12)

    def _fit(self, width: int, state: str) -> None:
        """Write the line again if the width or the state changed."""
        if self._drawn != (state, width):
            self._drawn = (state, width)
            self._segment = None
        segment, room = self._made(), self.room(width)
        segment.height(room)
        top = self._gap - self.segment_top(0, width)
        segment.boxes = {Press.FOLD: QRect(-self.inset(), top, width, self._tall)}

    def _written(self) -> CardSegment:
        fonts, theme = self.shown.look.fonts, self.shown.look.theme
        state, width = self._drawn
        beside = QFontMetrics(fonts.small).horizontalAdvance(state) + _BESIDE_STATE - _TRIANGLE if state else 0
        room = self.room(width) - beside if width else _UNKNOWN
        name = QFont(fonts.small)
        name.setWeight(QFont.Weight.DemiBold)
        parts = [LinePart(self.card.name, name, QColor(theme.text))]
        if self.card.server:
            parts.append(LinePart(self.card.server, fonts.small, QColor(theme.muted)))
        if line := self.card.argument_line:
            code = QFont(fonts.code)
            code.setPixelSize(max(fonts.code.pixelSize() - 1, 1))
            parts.append(LinePart(line, code, QColor(theme.muted)))
        return CardSegment(line_document(parts, self.shown.builder.formats, room), self.whole_text)

    def _lay_out(self, width: int) -> int:
        self._fit(width, self.card.state(live=self.shown.live)[0])
        return self._gap + self._tall

    def _guess(self, width: int) -> int:
        del width
        return self._gap + self._tall


class CardTextSlab(CardSlab):
    """Piece of a text in an unfolded card. The first piece has the heading, the last one the button for more."""

    def __init__(self, shown: Shown, card: ToolCard, text: CardText, piece: Piece) -> None:
        super().__init__(shown, card)
        self.kind = text.kind
        self.text = text
        self.piece = piece
        self.is_first = self.is_last = False
        """Whether it is the first and the last piece of its text."""
        self._guessed = (0, 0)  # width and height

    @property
    def whole_text(self) -> str:
        """All of the text, as received."""
        return self.text.raw

    def segment_top(self, number: int, width: int) -> int:
        """Return the offset of the text below its heading."""
        del number, width
        return self._heading

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the frame, the heading, the text and the button for more."""
        look, painter, tall = self.shown.look, pen.painter, self.height(pen.width)
        frame = QRectF(pen.left, pen.top, pen.width, tall)
        paint_frame(painter, look, frame, pen.clip, continued=True, goes_on=self.goes_on)
        segment, corner = self._made(), QPoint(pen.left + self.inset(), pen.top + self._heading)
        painter.setFont(look.fonts.small)
        if self.is_first:
            is_error = self.text.kind is TextKind.ERROR
            painter.setPen(QColor(look.theme.bad if is_error else look.theme.muted))
            box = QRect(pen.left + PADDING, pen.top + _ABOVE, pen.width - 2 * PADDING, self._line)
            write_line(painter, box, self.text.label)
        painter.setPen(QColor(look.theme.muted))
        for press, word in ((Press.COPY, tr("Copy")), (Press.MORE, tr("Show all"))):
            if press in segment.boxes:
                box = segment.boxes[press].translated(corner).adjusted(_AROUND_WORD, 0, -_AROUND_WORD, 0)
                write_line(painter, box, word)
        segment.laid.paint(painter, QPointF(corner), pen.clip, QColor(look.theme.text), marks(0))

    @property
    def _line(self) -> int:
        return QFontMetrics(self.shown.look.fonts.small).height() + 4

    @property
    def _heading(self) -> int:
        return _ABOVE + self._line if self.is_first else 0

    @property
    def _has_more(self) -> bool:
        return self.is_last and self.card.has_more(self.text)

    @property
    def _below(self) -> int:
        more = self._line if self._has_more else 0
        return more + (0 if not self.is_last else _ABOVE // 2 if self.goes_on else _ABOVE)

    def _written(self) -> CardSegment:
        text, formats = self.piece.text, self.shown.builder.formats
        return CardSegment(text_document(text, formats, is_code=self.text.is_code), text)

    def _lay_out(self, width: int) -> int:
        segment = self._made()
        tall = segment.height(self.room(width))
        segment.boxes = {}
        metrics, whole = QFontMetrics(self.shown.look.fonts.small), QRect(0, 0, self.room(width), self._line)
        if self.is_first:
            wide = metrics.horizontalAdvance(tr("Copy")) + 2 * _AROUND_WORD + 1
            segment.boxes[Press.COPY] = _inside(whole, whole.width() - wide + _AROUND_WORD, wide).translated(
                0, -self._line
            )
        if self._has_more:
            wide = metrics.horizontalAdvance(tr("Show all")) + 2 * _AROUND_WORD + 1
            segment.boxes[Press.MORE] = _inside(whole, -_AROUND_WORD, wide).translated(0, tall)
        return self._heading + tall + self._below

    def _guess(self, width: int) -> int:
        if self._guessed[0] == width:
            return self._guessed[1]
        fonts = self.shown.look.fonts
        letters = max(self.room(width) // max(QFontMetrics(fonts.code).averageCharWidth(), 1), 1)
        lines = self.piece.text.count("\n") + 1 + len(self.piece.text) // letters
        tall = self._heading + round(lines * fonts.code.pixelSize() * CODE_HEIGHT) + self._below
        self._guessed = (width, tall)
        return tall


class CardFilesSlab(FilesSlab):
    """Images that a tool returned, as tiles in its card. `first` is the number of its first file in the message."""

    def __init__(self, shown: Shown, card: ToolCard, first: int) -> None:
        super().__init__(shown, card.images)
        self.card = card
        self._first = first

    def inset(self) -> int:
        """Return the padding of the card."""
        return PADDING

    def tiles(self, width: int) -> list[PlacedTile]:
        """Return the positions of all tiles at a width."""
        return [PlacedTile(each.part, each.box.translated(0, _ABOVE)) for each in super().tiles(width)]

    def tile_at(self, point: QPoint, width: int) -> int | None:
        """Return the number of the file at a point in the slab, or None."""
        found = super().tile_at(point, width)
        return None if found is None else found + self._first

    def tip_of(self, number: int) -> str:
        """Return the full name of a file and the facts about it."""
        return super().tip_of(number - self._first)

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the tiles on the card."""
        frame = QRectF(pen.left, pen.top, pen.width, self.height(pen.width))
        paint_frame(pen.painter, self.shown.look, frame, pen.clip, continued=True)
        super().paint(pen, marks)

    def _lay_out(self, width: int) -> int:
        return super()._lay_out(width) + _ABOVE


def card_body(shown: Shown, card: ToolCard, first_file: int) -> list[CardTextSlab | CardFilesSlab]:
    """Return the slabs below the first line of an unfolded card; none if there is nothing to show."""
    slabs: list[CardTextSlab | CardFilesSlab] = []
    for text in card.texts:
        made = [CardTextSlab(shown, card, text, piece) for piece in card.pieces(text)]
        made[0].is_first = made[-1].is_last = True
        for above, slab in pairwise(made):
            slab.is_torn = above.piece.torn
        slabs += made
    if card.images:
        slabs.append(CardFilesSlab(shown, card, first_file))
    for slab in slabs[:-1]:
        if isinstance(slab, CardTextSlab):
            slab.goes_on = True
    return slabs


def card_segments(shown: Shown, card: ToolCard) -> Iterator[Segment]:
    """Yield the first line and all of the texts of a card, for reading with a caret."""
    formats = shown.builder.formats
    line = CardSegment(text_document(card.line(live=shown.live), formats), card.line(live=shown.live))
    yield line
    for text in card.texts:
        for number, piece in enumerate(cut(text.shown)):
            said = f"{text.label}\n{piece.text}" if not number else piece.text
            segment = CardSegment(text_document(said, formats, is_code=text.is_code), said)
            segment.gap = 0 if number else segment.gap
            yield segment


def _runs_right() -> bool:
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight


def _inside(box: QRect, start: int, wide: int) -> QRect:
    """Return the part of a box that begins some pixels after the start of its lines."""
    left = box.left() + start if _runs_right() else box.right() + 1 - start - wide
    return QRect(left, box.top(), wide, box.height())
