"""Text interface for screen readers, for controls that have none in Qt."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessibleTextInterface


class AccessibleText(QAccessibleTextInterface):
    """Read-only text that screen readers can read by character, word and line."""

    def __init__(self, said: Callable[[], str]) -> None:
        super().__init__()
        self._said = said

    def characterCount(self) -> int:
        """Return the length of the text."""
        return len(self._said())

    def text(self, startOffset: int, endOffset: int) -> str:  # noqa: N803
        """Return part of the text."""
        return self._said()[startOffset:endOffset]

    def cursorPosition(self) -> int:
        """Return 0, because there is no cursor."""
        return 0

    def setCursorPosition(self, position: int) -> None:
        """Do nothing, because there is no cursor."""

    def selectionCount(self) -> int:
        """Return 0, because nothing can be selected."""
        return 0

    def addSelection(self, startOffset: int, endOffset: int) -> None:  # noqa: N803
        """Do nothing, because nothing can be selected."""

    def removeSelection(self, selectionIndex: int) -> None:  # noqa: N803
        """Do nothing, because nothing can be selected."""

    def setSelection(self, selectionIndex: int, startOffset: int, endOffset: int) -> None:  # noqa: N803
        """Do nothing, because nothing can be selected."""

    def characterRect(self, offset: int) -> QRect:
        """Return an empty rectangle, because the positions of characters are not known."""
        del offset
        return QRect()

    def offsetAtPoint(self, point: QPoint) -> int:
        """Return -1, because the positions of characters are not known."""
        del point
        return -1

    def scrollToSubstring(self, startIndex: int, endIndex: int) -> None:  # noqa: N803
        """Do nothing, because the control is always fully visible."""
