"""View of a file's text as models receive it, filled in step by step."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QMimeData, Qt, QTimer, Slot
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

MOST_SHOWN = 500_000
"""Maximum number of characters shown."""

_MOST_LINES = 50_000
_LONGEST_RUN = 2_000
"""Length above which a line is split, because Qt lays out long lines slowly."""

_FILL_S, _FILL_MS = 0.008, 17
"""Time slice in seconds for filling in text, and the interval between slices in milliseconds."""

_GOES_ON = 1
"""Block state of a piece that continues the line of the block before it."""


def shown_part(text: str) -> tuple[str, bool]:
    """Return the part of a text that is shown, and whether it is the whole text."""
    end, lines = 0, 0
    if text.count("\n") > _MOST_LINES:
        while lines < _MOST_LINES:
            end = text.index("\n", end) + 1
            lines += 1
        text = text[: end - 1]
        return text[:MOST_SHOWN], False
    return text[:MOST_SHOWN], len(text) <= MOST_SHOWN


def line_pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield lines, long ones in pieces. The second value is whether the piece continues the one before it."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        for at in range(start, max(end, start + 1), _LONGEST_RUN):
            yield text[at : min(at + _LONGEST_RUN, end)], at > start
        start = end + 1


class TextView(QPlainTextEdit):
    """Read-only text view that shows at most `MOST_SHOWN` characters. Copied text has the original line ends."""

    def __init__(self) -> None:
        super().__init__()
        self._rest: Iterator[tuple[str, bool]] = iter(())
        self._first = True
        self._from = ""
        self._filling = QTimer(self, interval=_FILL_MS)
        self._filling.timeout.connect(self._fill)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._usual = self.font().family()

    @property
    def is_filled(self) -> bool:
        """Whether all visible text is filled in."""
        return not self._filling.isActive()

    def put(self, text: str, *, fixed: bool = False, at: str = "") -> None:
        """Show a text, monospaced if `fixed`, and scroll to the line whose text is `at`."""
        font = self.font()
        family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family() if fixed else self._usual
        font.setFamily(family)
        self.setFont(font)
        self.clear()
        self._rest, self._first, self._from = line_pieces(text), True, ""
        self._filling.start()
        self._fill()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._from = at
        if self.is_filled:
            self._go()

    def empty(self) -> None:
        """Remove the text."""
        self._filling.stop()
        self._rest = iter(())
        self.clear()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Return the selected text with the line ends it has in the file."""
        cursor, mime_data = self.textCursor(), QMimeData()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        block, pieces = self.document().findBlock(start), list[str]()
        while block.isValid() and block.position() <= end:
            text = _cut(block.text(), start - block.position(), end - block.position())
            goes_on = block.userState() == _GOES_ON or block.position() <= start
            pieces.append(text if goes_on else f"\n{text}")
            block = block.next()
        mime_data.setText("".join(pieces))
        return mime_data

    @Slot()
    def _fill(self) -> None:
        """Insert more text for a short time."""
        until = time.perf_counter() + _FILL_S
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        for text, goes_on in self._rest:
            if not self._first:
                cursor.insertBlock()
            self._first = False
            cursor.insertText(text)
            if goes_on:
                cursor.block().setUserState(_GOES_ON)
            if time.perf_counter() > until:
                return
        self._filling.stop()
        self._go()

    def _go(self) -> None:
        """Scroll to the requested line unless the user has already scrolled or moved the cursor."""
        wanted, self._from = self._from, ""
        if not wanted or self.textCursor().position() or self.verticalScrollBar().value():
            return
        block = self.document().begin()
        while block.isValid() and block.text() != wanted:
            block = block.next()
        if block.isValid():
            self.setTextCursor(QTextCursor(block))
            self.verticalScrollBar().setValue(block.firstLineNumber())


def _cut(text: str, start: int, end: int) -> str:
    """Return a part of a text by UTF-16 positions."""
    if start <= 0 and end >= 2 * len(text):
        return text
    return text.encode("utf-16-le")[2 * max(start, 0) : 2 * end].decode("utf-16-le", "ignore")
