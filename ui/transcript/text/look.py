"""How a transcript looks: its theme, its fonts, and how wide its column of text is."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

from ui.base.theme import Theme

COLUMNS = 72
"""Characters that a line of text is wide at most."""

MARGIN = 20
"""Pixels of canvas left and right of the column, at least."""

_SAMPLE = "The debounced call waits until no new one has come for a while, then runs."
"""Text as it is: the font's own average character is narrower than what is written."""

_NARROWEST = 80


class Fonts(Struct, frozen=True):
    """The fonts of the transcript, made from the system's."""

    body: QFont
    label: QFont
    small: QFont
    title: QFont
    code: QFont

    @classmethod
    def of(cls, base: QFont, scale: float = 1.0) -> Fonts:
        """Body of 14 px, labels of 12, small text and code of 13, all by a scale."""
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        return cls(
            body=_sized(base, 14 * scale),
            label=_sized(base, 12 * scale, QFont.Weight.DemiBold),
            small=_sized(base, 13 * scale),
            title=_sized(base, 14 * scale, QFont.Weight.DemiBold),
            code=_sized(fixed, 13 * scale),
        )

    @property
    def column(self) -> int:
        """Pixels of the widest column of text."""
        return round(QFontMetrics(self.body).horizontalAdvance(_SAMPLE) * COLUMNS / len(_SAMPLE))


class Look(Struct, frozen=True):
    """A theme with the fonts that it is shown in."""

    theme: Theme
    fonts: Fonts
    widest: int
    """Pixels of the widest column."""

    @classmethod
    def of(cls, theme: Theme, base: QFont, scale: float = 1.0) -> Look:
        """The look of a theme in the system's font, text scaled."""
        fonts = Fonts.of(base, scale)
        return cls(theme, fonts, fonts.column)

    def column(self, width: int) -> tuple[int, int]:
        """Left edge and width of the column in a view of a width."""
        wide = max(min(width - 2 * MARGIN, self.widest), _NARROWEST)
        return max((width - wide) // 2, 0), wide


def _sized(base: QFont, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(base)
    font.setPixelSize(round(pixels))
    font.setWeight(weight)
    return font
