"""Look of a transcript: theme, fonts and column width."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

from ui.base.theme import Theme

COLUMNS = 72
"""Maximum number of characters per line."""

MARGIN = 20
"""Minimum margin on each side of the text column in pixels."""

_SAMPLE = "The debounced call waits until no new one has come for a while, then runs."
"""Text whose width is measured, because the average character width that fonts report is too small."""

_NARROWEST = 80


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

    @property
    def column(self) -> int:
        """Maximum width of the text column in pixels."""
        return round(QFontMetrics(self.body).horizontalAdvance(_SAMPLE) * COLUMNS / len(_SAMPLE))


class Look(Struct, frozen=True):
    """A theme together with fonts and the column width."""

    theme: Theme
    fonts: Fonts
    widest: int
    """Maximum column width in pixels."""

    @classmethod
    def of(cls, theme: Theme, base: QFont, scale: float = 1.0) -> Look:
        """Return the look of a theme with fonts derived from `base` at a scale."""
        fonts = Fonts.of(base, scale)
        return cls(theme, fonts, fonts.column)

    def column(self, width: int) -> tuple[int, int]:
        """Return the left edge and the width of the text column in a view."""
        wide = max(min(width - 2 * MARGIN, self.widest), _NARROWEST)
        return max((width - wide) // 2, 0), wide


def _sized(base: QFont, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(base)
    font.setPixelSize(round(pixels))
    font.setWeight(weight)
    return font
