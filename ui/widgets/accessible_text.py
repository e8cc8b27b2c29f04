"""A text that screen readers go through, of a control that Qt gives none."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessibleTextInterface


class AccessibleText(QAccessibleTextInterface):
    """What is said, to be gone through by characters, words and lines."""

    def __init__(self, said: Callable[[], str]) -> None:
        super().__init__()
        self._said = said

    def characterCount(self) -> int:
        """How long it is."""
        return len(self._said())

    def text(self, startOffset: int, endOffset: int) -> str:  # noqa: N803
        """A part of it."""
        return self._said()[startOffset:endOffset]

    def cursorPosition(self) -> int:
        """There is no cursor."""
        return 0

    def setCursorPosition(self, position: int) -> None:
        """There is no cursor."""

    def selectionCount(self) -> int:
        """Nothing is marked."""
        return 0

    def addSelection(self, startOffset: int, endOffset: int) -> None:  # noqa: N803
        """Nothing is marked."""

    def removeSelection(self, selectionIndex: int) -> None:  # noqa: N803
        """Nothing is marked."""

    def setSelection(self, selectionIndex: int, startOffset: int, endOffset: int) -> None:  # noqa: N803
        """Nothing is marked."""

    def characterRect(self, offset: int) -> QRect:
        """Where a character lies is not told."""
        del offset
        return QRect()

    def offsetAtPoint(self, point: QPoint) -> int:
        """Where a character lies is not told."""
        del point
        return -1

    def scrollToSubstring(self, startIndex: int, endIndex: int) -> None:  # noqa: N803
        """It is brought into view whole."""
