"""The size that a window begins with: no larger than its screen has room for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)
"""Pixels that a window manager may need for a frame and a title."""


def within_screen(window: QWidget, wanted: QSize) -> QSize:
    """The wanted size, or as much of it as the window's screen has."""
    return wanted.boundedTo(window.screen().availableSize() - _FRAME)
