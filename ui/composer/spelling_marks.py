"""Underlines misspelled words in the visible part of a prompt field, except the word that is being typed."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct
from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtGui import QTextCursor

from desktop.spelling.prompt_words import PromptWord, words_in
from ui.composer.editor import PromptEditor
from ui.composer.spelling_desk import SpellingDesk


class PlacedText(Struct, frozen=True):
    """The text of a field, with positions as Qt counts them: a character beyond U+FFFF has two."""

    text: str
    wide: tuple[int, ...]
    """Indices of these characters in the text."""

    @classmethod
    def of(cls, text: str) -> PlacedText:
        """Return a text with its positions."""
        return cls(text, () if text.isascii() else tuple(at for at, each in enumerate(text) if each > "\uffff"))

    def position(self, index: int) -> int:
        """Return Qt's position of an index in the text."""
        return index + bisect_left(self.wide, index)

    def index(self, position: int) -> int:
        """Return the index in the text of Qt's position."""
        for before, wide in enumerate(self.wide):
            if wide + before >= position:
                return position - before
        return position - len(self.wide)


class SpellingMarks(QObject):
    """Marks of one prompt field. They are cursors of Qt, which move along while other text is typed.

    Whatever is checked is visible, so that a long prompt costs no more than a short one.
    """

    def __init__(self, editor: PromptEditor, desk: SpellingDesk) -> None:
        super().__init__(editor)
        self._editor = editor
        self._desk = desk
        self._marked: list[QTextCursor] = []
        self._hidden: list[int] = []
        editor.document().contentsChange.connect(self._change)
        editor.cursorPositionChanged.connect(self._follow)
        editor.focused.connect(self.check)
        desk.changed.connect(self.check)

    @Slot()
    def check(self) -> None:
        """Check the visible words, and underline those that are misspelled."""
        if not self._desk.is_on:
            self._show([])
        elif self._editor.isVisible() and not self._editor.document().isEmpty():
            placed = self.placed
            first, last = (placed.index(each) for each in self._visible())
            words = words_in(placed.text, first, last)
            self._desk.tasks.start(self._look_up(placed, words), name="spelling.check")

    @property
    def placed(self) -> PlacedText:
        """The text of the field."""
        return PlacedText.of(self._editor.toPlainText())

    def cursor_of(self, placed: PlacedText, word: PromptWord) -> QTextCursor:
        """Return a cursor that selects a word and stays with it."""
        cursor = QTextCursor(self._editor.document())
        cursor.setPosition(placed.position(word.start))
        cursor.setPosition(placed.position(word.end), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    async def _look_up(self, placed: PlacedText, words: list[PromptWord]) -> None:
        wrong = await self._desk.misspelled({word.text for word in words})
        if self._desk.is_on and self._editor.toPlainText() == placed.text:
            self._show([self.cursor_of(placed, word) for word in words if word.text in wrong])

    def _visible(self) -> tuple[int, int]:
        """Return the positions of the first and the last visible character."""
        area = self._editor.viewport().rect()
        first = self._editor.cursorForPosition(area.topLeft()).position()
        last = self._editor.cursorForPosition(area.bottomRight()).position()
        edge = self._editor.cursorForPosition(QPoint(area.left(), area.bottom())).position()
        return min(first, last, edge), max(first, last, edge)  # in text from right to left, the corners swap sides

    def _show(self, marked: list[QTextCursor]) -> None:
        if marked or self._marked:
            self._marked = marked
            self._paint(self._at_cursor())

    def _paint(self, hidden: list[int]) -> None:
        self._hidden = hidden
        shown = [each for number, each in enumerate(self._marked) if number not in hidden]
        self._editor.underline(shown, self._desk.color)

    def _at_cursor(self) -> list[int]:
        """Return the numbers of the marks that the cursor is in, or at the edge of."""
        at = self._editor.textCursor().position()
        return [
            number for number, each in enumerate(self._marked) if each.selectionStart() <= at <= each.selectionEnd()
        ]

    @Slot()
    def _follow(self) -> None:
        if self._marked and (hidden := self._at_cursor()) != self._hidden:
            self._paint(hidden)

    @Slot(int, int, int)
    def _change(self, position: int, _: int, added: int) -> None:
        """Forget the marks that were edited, until they are checked again."""
        if not self._marked:
            return
        kept = [
            each for each in self._marked if each.selectionEnd() < position or each.selectionStart() > position + added
        ]
        if len(kept) != len(self._marked):
            self._marked = kept
            self._paint(self._at_cursor())
