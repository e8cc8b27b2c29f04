"""Draws a row of a list from the side that the interface is read from: places are given as for left to right."""

from __future__ import annotations

import unicodedata

from msgspec import Struct
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
_AT_LEFT = Qt.AlignmentFlag.AlignLeft.value | _LINE
_AT_RIGHT = Qt.AlignmentFlag.AlignRight.value | _LINE
"""Made once: each combining of Qt's flags takes longer in Python than drawing a word does."""
_WHOLE = Qt.TextFlag.TextDontClip.value | Qt.AlignmentFlag.AlignAbsolute.value
_FADE = 28
"""Pixels over which a line goes out that is too long."""
_LONGEST = 400
"""Characters of a line that are looked at: no row has room for more."""


class RowPainter(Struct, frozen=True):
    """One row that is being painted."""

    painter: QPainter
    rect: QRect
    font: QFont
    state: QStyle.StateFlag
    direction: Qt.LayoutDirection

    @classmethod
    def of(cls, painter: QPainter, option: QStyleOptionViewItem) -> RowPainter:
        """The row that a delegate is asked to paint."""
        # The stubs do not declare what an option holds.
        rect, font, state, direction = option.rect, option.font, option.state, option.direction  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        return cls(painter, rect, font, state, direction)  # pyright: ignore[reportUnknownArgumentType]

    def placed(self, area: QRect) -> QRect:
        """A place in the row as it is in the layout's direction."""
        return QStyle.visualRect(self.direction, self.rect, area)

    def begin(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Write one line from the area's begin, shortened to its width; the pixels it takes."""
        return self._write(area, text, font, colour, at_begin=True)

    def end(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Write one line up to the area's end, shortened to its width; the pixels it takes."""
        return self._write(area, text, font, colour, at_begin=False)

    def fade(self, area: QRect, text: str, font: QFont, colour: str) -> int:
        """Write one line from the area's begin; one that is too long goes out at its end. The pixels it takes."""
        text = text[:_LONGEST]
        if fits(text, font, area.width()):
            return self.begin(area, text, font, colour)
        place, backwards = self.placed(area), _runs_backwards(text)
        light = QLinearGradient(place.topLeft(), place.topRight())
        reach = min(_FADE / max(place.width(), 1), 1.0)
        ink, gone = QColor(colour), QColor(colour)
        gone.setAlpha(0)
        ends = ((1.0, ink), (reach, ink), (0.0, gone)) if backwards else ((0.0, ink), (1 - reach, ink), (1.0, gone))
        for at, each in ends:
            light.setColorAt(at, each)
        self.painter.save()
        self.painter.setClipRect(place)
        self.painter.setFont(font)
        self.painter.setPen(QPen(QBrush(light), 0))
        self.painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.painter.drawText(place, (_AT_RIGHT if backwards else _AT_LEFT) | _WHOLE, text)
        self.painter.restore()
        return area.width()

    def _write(self, area: QRect, text: str, font: QFont, colour: str, *, at_begin: bool) -> int:
        metrics = QFontMetrics(font)
        said = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(area.width(), 0))
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        # Words keep the order of their own script, also where the interface is read from the other side.
        self.painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        at_left = at_begin is (self.direction is not Qt.LayoutDirection.RightToLeft)
        self.painter.drawText(self.placed(area), _AT_LEFT if at_left else _AT_RIGHT, said)
        return metrics.horizontalAdvance(said)


def fits(text: str, font: QFont, width: int) -> bool:
    """Whether a line has room in a width."""
    return QFontMetrics(font).horizontalAdvance(text[:_LONGEST]) <= width


def _runs_backwards(text: str) -> bool:
    """Whether a line begins at its right: its first letter with a direction tells."""
    directions = (unicodedata.bidirectional(each) for each in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def sized(font: QFont, pixels: int) -> QFont:
    """The font in another size."""
    made = QFont(font)
    made.setPixelSize(pixels)
    return made
