"""The command palette, made when it is first wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.tasks import Tasks
from ui.theme import Themes

if TYPE_CHECKING:
    from ui.window.palette import Palette, PaletteChoice


def command_palette(
    window: QWidget,
    themes: Themes,
    offer: Callable[[], Sequence[PaletteChoice]],
    recent: tuple[str, ...],
    used: Callable[[], object],
    find: Callable[[str], Awaitable[Sequence[PaletteChoice]]],
    tasks: Tasks,
) -> Palette:
    """A palette over a window, which calls `used` when something was; `recent` was used before.

    `find` looks up what is typed in the store. Raises StoreError.
    """
    from ui.window.palette import Palette

    made = Palette(themes, offer, window)
    made.recent = recent
    seeking: list[asyncio.Task[None]] = []

    async def look_up(typed: str) -> None:
        """Show what was found."""
        made.show_found(typed, await find(typed))

    def seek(typed: str) -> None:
        """Look up these words, and no longer those before."""
        for task in seeking:
            task.cancel()
        seeking[:] = [tasks.start(look_up(typed), name="palette.titles")]

    made.typed.connect(seek)
    made.used.connect(used)
    return made
