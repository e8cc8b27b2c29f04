"""The parts of a message that are laid out at once: its head, a piece of its thoughts or text, its foot."""

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
"""Pixels above and below a message, below its label, and of the line that folds its thoughts."""

PADDING, BUBBLE = 12, 10
"""Pixels of the prompt's bubble around its text, and above and below."""

_BRIEF = 400
"""Characters of a text that may stand in one line."""

_LETTER, _LINE, _RADIUS = 7.2, 21, 8
"""For guesses: pixels of a letter and of a line. Pixels of the bubble's corners."""

_BEHIND_NAME = 8
_STEP_WIDTH, _BETWEEN = 18, 6
"""Pixels of a sign that goes to another version, and between two texts of a line."""

_CENTERED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextForceLeftToRight

MarksOf = Callable[[int], Marks]
"""What is marked in a segment, by its number in the slab."""


class Pen(Struct):
    """What a slab is painted with: its left edge and top, the column's width, and what needs to be drawn of it."""

    painter: QPainter
    left: int
    top: int
    width: int
    clip: QRectF


class Slab:
    """Laid out once for a width and a state of its row; `changed` says that it has to be again."""

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
        """What of it can be marked and read."""
        return ()

    @property
    def source(self) -> str:
        """The part of the message's text that it shows, as it was written."""
        return ""

    @property
    def length(self) -> int:
        """Characters of its source."""
        return len(self.source)

    def height(self, width: int) -> int:
        """Pixels high at a width."""
        if self._width != width:
            self._known = self._lay_out(width)
            self._width = width
        return self._known or 0

    def likely_height(self, width: int) -> int:
        """The height as it was last known, else a guess."""
        return self._guess(width) if self._known is None else self._known

    def changed(self) -> None:
        """It has to be laid out again."""
        self._width = -1

    def drop(self) -> None:
        """Forget what is laid out but for its height: when it is seen again, it is laid out again."""
        self._forget()
        self.changed()

    def restyle(self) -> None:
        """The look changed: what is laid out is made anew."""
        self.drop()

    def segment_top(self, number: int, width: int) -> int:
        """Where a segment begins, from the slab's top."""
        del number, width
        return 0

    def inset(self) -> int:
        """Pixels between the column's edge and the text."""
        return PADDING if self.shown.is_prompt else 0

    def room(self, width: int) -> int:
        """Pixels of its text in a column of a width."""
        return width - 2 * self.inset()

    def tile_at(self, point: QPoint, width: int) -> int | None:
        """Which of the message's files lies at a point, from the slab's top left."""
        del point, width
        return None

    def tip_of(self, number: int) -> str:
        """What else is said of a file than its tile shows."""
        del number
        return ""

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Draw it."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Let go of what was made to lay it out."""

    def _lay_out(self, width: int) -> int:
        raise NotImplementedError

    def _guess(self, width: int) -> int:
        return self._lay_out(width)


class HeadSlab(Slab):
    """The author, and the line that folds the thoughts."""

    def fold(self, width: int) -> QRect:
        """Where the line that folds lies, from the slab's top; empty without thoughts."""
        if not self.shown.reasoning:
            return QRect()
        return QRect(0, self.height(width) - FOLD_HEIGHT - LABEL_GAP, width, FOLD_HEIGHT)

    def label(self, width: int) -> QRect:
        """Where the author's name lies."""
        top = GAP + (BUBBLE if self.shown.is_prompt else 0)
        return QRect(self.inset(), top, width - 2 * self.inset(), QFontMetrics(self.shown.look.fonts.label).height())

    def versions(self, width: int) -> QRect:
        """Where “‹ 2/2 ›” lies, at the end of the line with the name; empty for the only version."""
        if self.shown.branch.total < 2:
            return QRect()
        metrics = QFontMetrics(self.shown.look.fonts.label)
        box, wide = self.label(width), metrics.horizontalAdvance(self._count) + 2 * _STEP_WIDTH
        return _at_end(box, wide)

    def version_step(self, point: QPoint, width: int) -> int:
        """How many versions further a press at a point from the slab's top left goes; 0 for nowhere."""
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
        """Pixels from the column's left edge that the author's name takes, with a gap behind it."""
        metrics = QFontMetrics(self.shown.look.fonts.label)
        return self.inset() + metrics.horizontalAdvance(self.shown.author) + _BEHIND_NAME

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Draw name and fold."""
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
            place = versions.translated(pen.left, pen.top)
            painter.drawText(place, _CENTERED, self._count)
            painter.drawText(QRect(place.topLeft(), QSize(_STEP_WIDTH, place.height())), _CENTERED, "‹")
            painter.drawText(place.adjusted(place.width() - _STEP_WIDTH, 0, 0, 0), _CENTERED, "›")
            box = _at_start(box, box.width() - versions.width() - _BEHIND_NAME)
        write_line(painter, box, shown.author)
        fold = self.fold(pen.width)
        if not fold.isEmpty():
            painter.setFont(look.fonts.small)
            place = fold.translated(pen.left, pen.top)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown.fold_text)

    def _lay_out(self, width: int) -> int:
        return self.label(width).bottom() + 1 + LABEL_GAP + (FOLD_HEIGHT + LABEL_GAP if self.shown.reasoning else 0)


class PlainSlab(Slab):
    """A piece of plain text: of a prompt, or of thoughts, which are muted and stand at a line."""

    def __init__(self, shown: Shown, text: str, *, start: int = 0, thought: bool = False) -> None:
        super().__init__(shown)
        self.start = None if thought else start
        self.text = text
        self.is_thought = thought
        self._segment: Segment | None = None

    @property
    def segments(self) -> Sequence[Segment]:
        """One, with all of the text."""
        return (self._made(),)

    @property
    def source(self) -> str:
        """Its text; thoughts are no part of the message's."""
        return "" if self.is_thought else self.text

    def append(self, text: str) -> None:
        """More came of it."""
        self.text += text
        if self._segment is not None:
            laid = self._segment.laid
            assert isinstance(laid, PlainText)
            laid.append(text)
            self._segment.source += text
        self.changed()

    def inset(self) -> int:
        """Thoughts stand to the right of their line."""
        return PADDING if self.is_thought else super().inset()

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Draw the text on its ground."""
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
    """What has not been cut into slabs yet. Whoever looks at it has to wait, and that it is looked at is noted."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self.rest = len(shown.text)
        """Characters that are still to be cut."""

    @property
    def source(self) -> str:
        """What is still to be cut."""
        return self.shown.text[len(self.shown.text) - self.rest :]

    def height(self, width: int) -> int:
        """A guess."""
        self.shown.builder.wanted[self.shown.id] = None
        return self.likely_height(width)

    def likely_height(self, width: int) -> int:
        """By the characters that there are."""
        letters = max(width / _LETTER, 1)
        return _LINE * max(round(self.rest / letters), 2)

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Say that more is to come."""
        del marks
        pen.painter.setPen(QColor(self.shown.look.theme.muted))
        pen.painter.setFont(self.shown.look.fonts.small)
        pen.painter.drawText(QPointF(pen.left, pen.top + _LINE), tr("Laying out a long text…"))

    def _lay_out(self, width: int) -> int:
        return self.likely_height(width)


class BriefSlab(Slab):
    """One muted line that stands for a whole text."""

    _begun = _line = ""

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Draw the beginning of the text."""
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
    """What is said of the message below it, room for an error's card, its versions, and the gap to the next one."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(shown)
        self._note: PlainText | None = None
        self._noted = ""

    def footer(self, width: int) -> QRect:
        """Where the error's card lies, from the slab's top."""
        if not self.shown.footer_height:
            return QRect()
        return QRect(0, self._note_height(width) + 8, width, self.shown.footer_height)

    def version_link(self, width: int) -> QRect:
        """Where the words lie that lead to the longest other version, from the slab's top; empty without one."""
        return self._version_boxes(width)[1]

    def _version_boxes(self, width: int) -> tuple[QRect, QRect]:
        """Where it is said which version this is, and the words that lead to another: beside it, else below."""
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
        """Draw the note, and below it which version this is."""
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
    """So many pixels of a box where lines begin."""
    return box.adjusted(0, 0, wide - box.width(), 0) if _runs_right() else box.adjusted(box.width() - wide, 0, 0, 0)


def _at_end(box: QRect, wide: int) -> QRect:
    """So many pixels of a box where lines end."""
    return box.adjusted(box.width() - wide, 0, 0, 0) if _runs_right() else box.adjusted(0, 0, wide - box.width(), 0)


def _runs_right() -> bool:
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight


def guess(text: str, width: int) -> int:
    """About how high a text is, without laying it out."""
    letters = max(width / _LETTER, 1)
    return _LINE * max(round(len(text) / letters + 0.6 * text.count("\n")), 1)


def write_line(painter: QPainter, box: QRect, text: str) -> None:
    """Draw one line from where lines begin, shortened to the box; words keep the order of their own script."""
    said = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    direction = painter.layoutDirection()
    side = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.drawText(box, side | Qt.TextFlag.TextSingleLine, said)
    painter.setLayoutDirection(direction)


def paint_bubble(pen: Pen, tall: int, look: Look, *, top: int = 0, end: bool = False) -> None:
    """Draw a slab's part of a prompt's bubble: its beginning below `top`, its end, or what is between."""
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
