"""The command palette, made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.theme import Themes

if TYPE_CHECKING:
    from ui.window.palette import Palette, PaletteChoice


def command_palette(
    window: QWidget,
    themes: Themes,
    offer: Callable[[], Sequence[PaletteChoice]],
    recent: tuple[str, ...],
    used: Callable[[], object],
) -> Palette:
    """A palette over a window, which calls `used` when something was; `recent` was used before."""
    from ui.window.palette import Palette

    made = Palette(themes, offer, window)
    made.recent = recent
    made.used.connect(used)
    return made
