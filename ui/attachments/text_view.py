"""The text of a file as models get it: plain, to be read and marked by mouse and keys, put in a bit at a time."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QMimeData, Qt, QTimer, Slot
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

MOST_SHOWN = 500_000
"""Characters that are shown; of a longer text its beginning."""

_MOST_LINES = 50_000
_LONGEST_RUN = 2_000
"""Characters of a line from which it goes on in another one: a great one without spaces is laid out for ever."""

_FILL_S, _FILL_MS = 0.008, 17
"""What may be spent at once on putting a long text in, and how often."""

_GOES_ON = 1
"""The state of a line that begins in the middle of one."""


def shown_part(text: str) -> tuple[str, bool]:
    """What of a text is shown, and whether that is all."""
    end, lines = 0, 0
    if text.count("\n") > _MOST_LINES:
        while lines < _MOST_LINES:
            end = text.index("\n", end) + 1
            lines += 1
        text = text[: end - 1]
        return text[:MOST_SHOWN], False
    return text[:MOST_SHOWN], len(text) <= MOST_SHOWN


def line_pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a text, long ones in pieces; whether one goes on where the last one ended."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        for at in range(start, max(end, start + 1), _LONGEST_RUN):
            yield text[at : min(at + _LONGEST_RUN, end)], at > start
        start = end + 1


class TextView(QPlainTextEdit):
    """Shows no more than `MOST_SHOWN` characters. What is copied has no line end that the text has not."""

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
        """Whether all that is shown is in."""
        return not self._filling.isActive()

    def put(self, text: str, *, fixed: bool = False, at: str = "") -> None:
        """Show a text, in letters of one width where it is `fixed`, from the line on that says what `at` says."""
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
        """Let go of the text."""
        self._filling.stop()
        self._rest = iter(())
        self.clear()

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is marked, as the file has it."""
        cursor, made = self.textCursor(), QMimeData()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        block, said = self.document().findBlock(start), list[str]()
        while block.isValid() and block.position() <= end:
            text = _cut(block.text(), start - block.position(), end - block.position())
            goes_on = block.userState() == _GOES_ON or block.position() <= start
            said.append(text if goes_on else f"\n{text}")
            block = block.next()
        made.setText("".join(said))
        return made

    @Slot()
    def _fill(self) -> None:
        """Put in more of the text, for about as long as nobody notices."""
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
        """To the line that is wanted, unless somebody has moved meanwhile."""
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
    """A part of a text by Qt's places in it, which are those of UTF-16."""
    if start <= 0 and end >= 2 * len(text):
        return text
    return text.encode("utf-16-le")[2 * max(start, 0) : 2 * end].decode("utf-16-le", "ignore")
