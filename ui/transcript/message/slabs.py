"""Slabs, the parts of a message that are laid out as a whole: head, pieces of text or reasoning, and foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import QStyle

from ui.base.strings import number_text, tr
from ui.transcript.message.segments import Segment
from ui.transcript.text.documents import Marks, PlainText
from ui.transcript.text.look import Look
from ui.widgets.fills import fill

if TYPE_CHECKING:
    from ui.transcript.message.shown import Shown

GAP, LABEL_GAP, FOLD_HEIGHT = 12, 4, 22
"""Space above and below a message, space below its label, and height of the reasoning line, in pixels."""

PADDING, BUBBLE = 12, 10
"""Horizontal and vertical padding of the prompt bubble in pixels."""

_BRIEF = 400
"""Maximum number of characters that are used for a text shown as one line."""

_LETTER, _LINE, _RADIUS = 7.2, 21, 8
"""Estimated width of a letter, height of a line, and corner radius of the bubble, in pixels."""

_BEHIND_NAME = 8
_STEP_WIDTH, _BETWEEN = 18, 6
"""Width of a version arrow, and space between the texts on a line, in pixels."""

_CENTERED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextForceLeftToRight

MarksOf = Callable[[int], Marks]
"""Function that returns the highlights of a segment, given its index in the slab."""


class Pen(Struct):
    """Painter with the position and width of the column, and the clip."""

    painter: QPainter
    left: int
    top: int
    width: int
    clip: QRectF


class Slab:
    """Part of a message that is laid out for a width. `changed` requests a new layout."""

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self._known: int | None = None
        self._width = -1
        self.start: int | None = None
        """Where its text begins in the message's; None where it shows none of it."""
        self.dirty_from = 0
        """Pixels from its top to the first line that the last change touched."""

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments, whose text can be selected."""
        return ()

    @property
    def source(self) -> str:
        """Source text that this slab displays."""
        return ""

    @property
    def length(self) -> int:
        """Length of the source."""
        return len(self.source)

    def height(self, width: int) -> int:
        """Return the height in pixels at a width."""
        if self._width != width:
            self._known = self._lay_out(width)
            self._width = width
        return self._known or 0

    def likely_height(self, width: int) -> int:
        """Return the last known height, or an estimate."""
        return self._guess(width) if self._known is None else self._known

    def changed(self) -> None:
        """Request a new layout."""
        self._width = -1

    def drop(self) -> None:
        """Discard the layout, but not the height."""
        self._forget()
        self.changed()

    def restyle(self) -> None:
        """Discard the layout, because the look has changed."""
        self.drop()

    def segment_top(self, number: int, width: int) -> int:
        """Return the offset of a segment in the slab."""
        del number, width
        return 0

    def is_folded(self, number: int) -> bool:
        """Whether a segment is hidden, because it is in a folded section."""
        del number
        return False

    def inset(self) -> int:
        """Return the space in pixels between the edge of the column and the text."""
        return PADDING if self.shown.is_prompt else 0

    def room(self, width: int) -> int:
        """Return the width that is available for the text in a column."""
        return width - 2 * self.inset()

    def tile_at(self, point: QPoint, width: int) -> int | None:
        """Return the index of the attachment at a point, or None."""
        del point, width
        return None

    def tip_of(self, number: int) -> str:
        """Return the tooltip of an attachment."""
        del number
        return ""

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the slab."""
        raise NotImplementedError

    def _forget(self) -> None: ...

    def _lay_out(self, width: int) -> int:
        raise NotImplementedError

    def _guess(self, width: int) -> int:
        return self._lay_out(width)


class HeadSlab(Slab):
    """Slab with the author's name and the line that expands or collapses the reasoning."""

    def fold(self, width: int) -> QRect:
        """Return the rectangle of the reasoning line, which is empty if there is no reasoning."""
        if not self.shown.reasoning:
            return QRect()
        return QRect(0, self.height(width) - FOLD_HEIGHT - LABEL_GAP, width, FOLD_HEIGHT)

    def label(self, width: int) -> QRect:
        """Return the rectangle of the author's name."""
        top = GAP + (BUBBLE if self.shown.is_prompt else 0)
        return QRect(self.inset(), top, width - 2 * self.inset(), QFontMetrics(self.shown.look.fonts.label).height())

    def versions(self, width: int) -> QRect:
        """Return the rectangle of the version switch, which is empty if there is only one version."""
        if self.shown.branch.total < 2:
            return QRect()
        metrics = QFontMetrics(self.shown.look.fonts.label)
        box, wide = self.label(width), metrics.horizontalAdvance(self._count) + 2 * _STEP_WIDTH
        return _at_end(box, wide)

    def version_step(self, point: QPoint, width: int) -> int:
        """Return by how many versions a click at a point moves, or 0 if it does not."""
        box = self.versions(width).adjusted(0, -LABEL_GAP, 0, LABEL_GAP)
        if not box.contains(point):
            return 0
        ahead = point.x() >= box.center().x()
        return 1 if ahead == _runs_right() else -1

    @property
    def _count(self) -> str:
        return f"{number_text(self.shown.branch.number)}/{number_text(self.shown.branch.total)}"

    @property
    def name_width(self) -> int:
        """Width from the column's edge to the end of the author's name, in pixels."""
        metrics = QFontMetrics(self.shown.look.fonts.label)
        return self.inset() + metrics.horizontalAdvance(self.shown.author) + _BEHIND_NAME

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the author's name, the version switch and the reasoning line."""
        del marks
        look, shown = self.shown.look, self.shown
        if shown.is_prompt:
            paint_bubble(pen, self.height(pen.width), look, top=GAP)
        painter = pen.painter
        painter.setPen(QColor(look.theme.muted))
        painter.setFont(look.fonts.label)
        box = self.label(pen.width).translated(pen.left, pen.top)
        versions = self.versions(pen.width)
        if not versions.isEmpty():
            label_rect = versions.translated(pen.left, pen.top)
            painter.drawText(label_rect, _CENTERED, self._count)
            painter.drawText(QRect(label_rect.topLeft(), QSize(_STEP_WIDTH, label_rect.height())), _CENTERED, "‹")
            painter.drawText(label_rect.adjusted(label_rect.width() - _STEP_WIDTH, 0, 0, 0), _CENTERED, "›")
            box = _at_start(box, box.width() - versions.width() - _BEHIND_NAME)
        write_line(painter, box, shown.author)
        fold = self.fold(pen.width)
        if not fold.isEmpty():
            painter.setFont(look.fonts.small)
            label_rect = fold.translated(pen.left, pen.top)
            painter.drawText(label_rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown.fold_text)

    def _lay_out(self, width: int) -> int:
        return self.label(width).bottom() + 1 + LABEL_GAP + (FOLD_HEIGHT + LABEL_GAP if self.shown.reasoning else 0)


class PlainSlab(Slab):
    """Slab with plain text: a piece of a prompt, or of muted reasoning beside a vertical line."""

    def __init__(self, shown: Shown, text: str, *, start: int = 0, thought: bool = False) -> None:
        super().__init__(shown)
        self.start = None if thought else start
        self.text = text
        self.is_thought = thought
        self._segment: Segment | None = None

    @property
    def segments(self) -> Sequence[Segment]:
        """The single segment, which contains all of the text."""
        return (self._made(),)

    @property
    def source(self) -> str:
        """The text; empty for reasoning, which is not part of the message's text."""
        return "" if self.is_thought else self.text

    def append(self, text: str) -> None:
        """Append text to the slab."""
        self.text += text
        if self._segment is not None:
            laid = self._segment.laid
            assert isinstance(laid, PlainText)
            laid.append(text)
            self._segment.source += text
        self.changed()

    def inset(self) -> int:
        """Return the space before the text, which for reasoning contains a vertical line."""
        return PADDING if self.is_thought else super().inset()

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the text on its background."""
        look = self.shown.look
        tall = self.height(pen.width)
        if self.shown.is_prompt:
            paint_bubble(pen, tall, look)
        elif self.is_thought:
            fill(pen.painter, QRect(pen.left + 2, pen.top, 2, tall), QColor(look.theme.line))
        colour = QColor(look.theme.muted if self.is_thought else look.theme.text)
        at = QPointF(pen.left + self.inset(), pen.top)
        self._made().laid.paint(pen.painter, at, pen.clip, colour, marks(0))

    def _forget(self) -> None:
        self._segment = None

    def _made(self) -> Segment:
        if self._segment is None:
            fonts = self.shown.look.fonts
            plain = PlainText(self.text, fonts.small if self.is_thought else fonts.body)
            self._segment = Segment(plain.document, self.text)
            self._segment.laid = plain
        return self._segment

    def _lay_out(self, width: int) -> int:
        right = 0 if self.is_thought else self.inset()
        return self._made().height(width - self.inset() - right)

    def _guess(self, width: int) -> int:
        return guess(self.text, width)


class LongSlab(Slab):
    """Text that is not split yet. When it becomes visible, it requests to be split."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self.rest = len(shown.text)
        """Characters that are still to be cut."""

    @property
    def source(self) -> str:
        """The text that is not split yet."""
        return self.shown.text[len(self.shown.text) - self.rest :]

    def height(self, width: int) -> int:
        """Return an estimate, and request that the text be split."""
        self.shown.builder.wanted[self.shown.id] = None
        return self.likely_height(width)

    def likely_height(self, width: int) -> int:
        """Return an estimate based on the number of characters."""
        letters = max(width / _LETTER, 1)
        return _LINE * max(round(self.rest / letters), 2)

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint a note that more text follows."""
        del marks
        pen.painter.setPen(QColor(self.shown.look.theme.muted))
        pen.painter.setFont(self.shown.look.fonts.small)
        pen.painter.drawText(QPointF(pen.left, pen.top + _LINE), tr("Laying out long text…"))

    def _lay_out(self, width: int) -> int:
        return self.likely_height(width)


class BriefSlab(Slab):
    """Slab that shows the beginning of a text as one muted line."""

    _begun = _line = ""

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the beginning of the text."""
        del marks
        pen.painter.setPen(QColor(self.shown.look.theme.muted))
        pen.painter.setFont(self.shown.look.fonts.body)
        box = QRect(pen.left, pen.top, pen.width, _LINE)
        begun = self.shown.text[:_BRIEF]
        if begun != self._begun:
            self._begun, self._line = begun, " ".join(self.shown.plain(begun).split())
        write_line(pen.painter, box, self._line)

    def _lay_out(self, width: int) -> int:
        del width
        return _LINE


class FootSlab(Slab):
    """Slab below a message: notes, space for the error card, the version, and a gap."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self._note: PlainText | None = None
        self._noted = ""

    def footer(self, width: int) -> QRect:
        """Return the rectangle reserved for the error card."""
        if not self.shown.footer_height:
            return QRect()
        return QRect(0, self._note_height(width) + 8, width, self.shown.footer_height)

    def version_link(self, width: int) -> QRect:
        """Return the rectangle of the link to the longest other version, which is empty if there is no link."""
        return self._version_boxes(width)[1]

    def _version_boxes(self, width: int) -> tuple[QRect, QRect]:
        """Return the rectangles of the version text and of its link, side by side or one below the other."""
        said, link = self.shown.version_text
        if not link:
            return QRect(), QRect()
        metrics = QFontMetrics(self.shown.look.fonts.small)
        line, inset, room = metrics.height() + LABEL_GAP, PADDING if self.shown.is_prompt else 0, self.room(width)
        wide, long = metrics.horizontalAdvance(said) + _BETWEEN, min(metrics.horizontalAdvance(link) + 1, room)
        row = QRect(inset, self._lay_out(width) - GAP - self._versions_height(width) + LABEL_GAP, room, line)
        if wide + long <= room:
            return _at_start(row, wide), _at_start(_at_end(row, room - wide), long)
        return row, _at_start(row.translated(0, line), long)

    def _versions_height(self, width: int) -> int:
        said, link = self.shown.version_text
        if not link:
            return 0
        metrics = QFontMetrics(self.shown.look.fonts.small)
        fits = metrics.horizontalAdvance(said) + _BETWEEN + metrics.horizontalAdvance(link) < self.room(width)
        return LABEL_GAP + (1 if fits else 2) * (metrics.height() + LABEL_GAP)

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the notes and the version."""
        del marks
        look = self.shown.look
        if self.shown.is_prompt:
            paint_bubble(pen, self.height(pen.width) - GAP - self._versions_height(pen.width), look, end=True)
        said, link = self._version_boxes(pen.width)
        if not link.isEmpty():
            painter, words = pen.painter, self.shown.version_text
            painter.setPen(QColor(look.theme.muted))
            painter.setFont(look.fonts.small)
            write_line(painter, said.translated(pen.left, pen.top), words[0])
            underlined = QFont(look.fonts.small)
            underlined.setUnderline(True)
            painter.setFont(underlined)
            write_line(painter, link.translated(pen.left, pen.top), words[1])
        if self.shown.note:
            at = QPointF(pen.left + self.inset(), pen.top + LABEL_GAP)
            self._made().paint(pen.painter, at, pen.clip, QColor(look.theme.muted))

    def _forget(self) -> None:
        self._note = None

    def _made(self) -> PlainText:
        if self._note is None or self._noted != self.shown.note:
            self._noted = self.shown.note
            self._note = PlainText(self._noted, self.shown.look.fonts.small)
        return self._note

    def _note_height(self, width: int) -> int:
        return self._made().height(width - 2 * self.inset()) + LABEL_GAP if self.shown.note else 0

    def _lay_out(self, width: int) -> int:
        tall = self._note_height(width)
        if self.shown.footer_height:
            tall += 8 + self.shown.footer_height
        return tall + self._versions_height(width) + GAP + (BUBBLE if self.shown.is_prompt else 0)

    def _guess(self, width: int) -> int:
        return self._lay_out(width) if self.shown.footer_height or not self.shown.note else 2 * GAP + _LINE


def _at_start(box: QRect, wide: int) -> QRect:
    """Return the part of a box with this width at the start of the line."""
    return box.adjusted(0, 0, wide - box.width(), 0) if _runs_right() else box.adjusted(box.width() - wide, 0, 0, 0)


def _at_end(box: QRect, wide: int) -> QRect:
    """Return the part of a box with this width at the end of the line."""
    return box.adjusted(box.width() - wide, 0, 0, 0) if _runs_right() else box.adjusted(0, 0, wide - box.width(), 0)


def _runs_right() -> bool:
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight


def guess(text: str, width: int) -> int:
    """Estimate the height of a text without layout."""
    letters = max(width / _LETTER, 1)
    return _LINE * max(round(len(text) / letters + 0.6 * text.count("\n")), 1)


def write_line(painter: QPainter, box: QRect, text: str) -> None:
    """Paint a text as one line, shortened to fit the box, in the direction of its script."""
    said = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    direction = painter.layoutDirection()
    side = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.drawText(box, side | Qt.TextFlag.TextSingleLine, said)
    painter.setLayoutDirection(direction)


def paint_bubble(pen: Pen, tall: int, look: Look, *, top: int = 0, end: bool = False) -> None:
    """Paint the part of a prompt's bubble that lies behind a slab."""
    colour = QColor(look.theme.bubble)
    box = QRect(pen.left, pen.top + top, pen.width, tall - top)
    painter = pen.painter
    painter.save()
    if not top and not end:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)  # between pixels there would be a seam
        fill(painter, box, colour)
        painter.restore()
        return
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    reaching = box.adjusted(0, -2 * _RADIUS if end else 0, 0, 0 if end else 2 * _RADIUS)
    painter.drawRoundedRect(reaching, _RADIUS, _RADIUS)
    painter.restore()
