"""Painter for list rows. Its coordinates are for left-to-right layouts and mirrored for right-to-left ones."""

from __future__ import annotations

import unicodedata

from msgspec import Struct
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
_AT_LEFT = Qt.AlignmentFlag.AlignLeft.value | _LINE
_AT_RIGHT = Qt.AlignmentFlag.AlignRight.value | _LINE
"""Precomputed, because combining Qt flags in Python takes longer than painting a word."""
_WHOLE = Qt.TextFlag.TextDontClip.value | Qt.AlignmentFlag.AlignAbsolute.value
_FADE = 28
"""Width in pixels over which a long line fades out."""
_LONGEST = 400
"""Maximum number of characters that are measured and painted, which is more than any row can show."""


class RowPainter(Struct, frozen=True):
    """Paints the texts of one row."""

    painter: QPainter
    rect: QRect
    font: QFont
    state: QStyle.StateFlag
    direction: Qt.LayoutDirection

    @classmethod
    def of(cls, painter: QPainter, option: QStyleOptionViewItem) -> RowPainter:
        """Return a painter for the row that a delegate is asked to paint."""
        # The stubs do not declare the attributes of an option.
        rect, font, state, direction = option.rect, option.font, option.state, option.direction  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        return cls(painter, rect, font, state, direction)  # pyright: ignore[reportUnknownArgumentType]

    def placed(self, area: QRect) -> QRect:
        """Return a rectangle, mirrored if the layout direction is right-to-left."""
        return QStyle.visualRect(self.direction, self.rect, area)

    def begin(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Paint a line at the start of an area, shortened to fit. Returns the painted width."""
        return self._write(area, text, font, colour, at_begin=True)

    def end(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Paint a line at the end of an area, shortened to fit. Returns the painted width."""
        return self._write(area, text, font, colour, at_begin=False)

    def fade(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Paint a line at the start of an area, fading it out if it is too long. Returns the painted width."""
        text = text[:_LONGEST]
        if fits(text, font, area.width()):
            return self.begin(area, text, font, colour)
        target, backwards = self.placed(area), _runs_backwards(text)
        light = QLinearGradient(target.topLeft(), target.topRight())
        reach = min(_FADE / max(target.width(), 1), 1.0)
        ink, gone = QColor(colour), QColor(colour)
        gone.setAlpha(0)
        ends = ((1.0, ink), (reach, ink), (0.0, gone)) if backwards else ((0.0, ink), (1 - reach, ink), (1.0, gone))
        for at, each in ends:
            light.setColorAt(at, each)
        self.painter.save()
        self.painter.setClipRect(target)
        self.painter.setFont(font)
        self.painter.setPen(QPen(QBrush(light), 0))
        self.painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.painter.drawText(target, (_AT_RIGHT if backwards else _AT_LEFT) | _WHOLE, text)
        self.painter.restore()
        return area.width()

    def _write(self, area: QRect, text: str, font: QFont, colour: str, *, at_begin: bool) -> int:
        metrics = QFontMetrics(font)
        shortened = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(area.width(), 0))
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        # Words keep the direction of their script, even in a mirrored interface.
        self.painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        at_left = at_begin is (self.direction is not Qt.LayoutDirection.RightToLeft)
        self.painter.drawText(self.placed(area), _AT_LEFT if at_left else _AT_RIGHT, shortened)
        return metrics.horizontalAdvance(shortened)


def fits(text: str, font: QFont, width: int) -> bool:
    """Whether a line fits into a width."""
    return QFontMetrics(font).horizontalAdvance(text[:_LONGEST]) <= width


def _runs_backwards(text: str) -> bool:
    """Whether the first letter that has a direction is a right-to-left one."""
    directions = (unicodedata.bidirectional(each) for each in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def sized(font: QFont, pixels: int) -> QFont:
    """Return a copy of the font with another size in pixels."""
    made = QFont(font)
    made.setPixelSize(pixels)
    return made
