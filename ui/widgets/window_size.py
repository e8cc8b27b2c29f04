"""Initial size of a window, limited to the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)
"""Space in pixels that a window manager may need for the frame and the title."""


def within_screen(window: QWidget, wanted: QSize) -> QSize:
    """Return the wanted size, limited to the window's screen."""
    return wanted.boundedTo(window.screen().availableSize() - _FRAME)
