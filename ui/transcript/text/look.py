"""Look of a transcript: theme, fonts and column width."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtGui import QFont, QFontDatabase

from ui.base.text_size import reading_column
from ui.base.theme import Theme

_USUAL_COLUMN = 760


class Fonts(Struct, frozen=True):
    """Fonts of the transcript, derived from the system's font."""

    body: QFont
    label: QFont
    small: QFont
    title: QFont
    code: QFont

    @classmethod
    def of(cls, base: QFont, scale: float = 1.0) -> Fonts:
        """Return the fonts at a scale. At 1, body is 14 px, labels 12 px, and small text and code 13 px."""
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        return cls(
            body=_sized(base, 14 * scale),
            label=_sized(base, 12 * scale, QFont.Weight.DemiBold),
            small=_sized(base, 13 * scale),
            title=_sized(base, 14 * scale, QFont.Weight.DemiBold),
            code=_sized(fixed, 13 * scale),
        )


class Look(Struct, frozen=True):
    """A theme together with fonts and the column width."""

    theme: Theme
    fonts: Fonts
    widest: int
    """Maximum column width in pixels."""

    @classmethod
    def of(cls, theme: Theme, base: QFont, scale: float = 1.0, widest: int = _USUAL_COLUMN) -> Look:
        """Return the look of a theme with fonts derived from `base` at a scale."""
        return cls(theme, Fonts.of(base, scale), widest)

    def column(self, width: int) -> tuple[int, int]:
        """Return the left edge and the width of the text column in a view."""
        return reading_column(width, self.widest)


def _sized(base: QFont, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(base)
    font.setPixelSize(round(pixels))
    font.setWeight(weight)
    return font
