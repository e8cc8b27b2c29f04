"""Context menu of a prompt field with corrections of a misspelled word, and the languages that are checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QTextCursor
from PySide6.QtWidgets import QMenu

from desktop.settings.schema import SPELLING, SPELLING_LANGUAGES
from desktop.spelling.prompt_words import PromptWord, words_in
from ui.base.strings import tr, trn
from ui.composer.editor import PromptEditor
from ui.composer.spelling_desk import SpellingDesk, language_name
from ui.composer.spelling_marks import PlacedText, SpellingMarks
from ui.widgets.announcement import announce

_PATIENCE_S = 1.0
"""Time after which the menu opens without suggestions. They usually take 50 to 400 ms."""


class SpellingMenu(QObject):
    """Spelling of one prompt field: its marks, and the menu that corrects them."""

    def __init__(self, editor: PromptEditor, desk: SpellingDesk) -> None:
        super().__init__(editor)
        self._editor = editor
        self._desk = desk
        self.marks = SpellingMarks(editor, desk)

    def check(self) -> None:
        """Check the visible words."""
        self.marks.check()

    def open_menu(self, event: QContextMenuEvent) -> None:
        """Open the menu for the word at the pointer, or at the cursor if a key opened it."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            cursor, place = self._editor.cursorForPosition(event.pos()), QRect(event.globalPos(), QSize())
        else:
            cursor = self._editor.textCursor()
            place = self._place(cursor)
        self._desk.tasks.start(self._open(cursor.position(), place), name="spelling.menu")

    @Slot()
    def correct(self) -> None:
        """Select the misspelled word at the cursor, or the next one, and open its menu."""
        self._editor.setFocus()
        self._desk.tasks.start(self._correct(), name="spelling.correct")

    async def _open(self, position: int, place: QRect) -> None:
        placed = self.marks.placed
        index = placed.index(position)
        words = words_in(placed.text, index, index) if self._desk.is_on else []
        wrong = await self._desk.misspelled({word.text for word in words}) if words else set[str]()
        word = next((word for word in words if word.text in wrong), None)
        if word is None:
            self._pop_up(self._menu(), place)
        else:
            await self._offer(placed, word, place)

    async def _correct(self) -> None:
        placed = self.marks.placed
        words = words_in(placed.text) if self._desk.is_on else []
        wrong = await self._desk.misspelled({word.text for word in words}) if words else set[str]()
        found = [word for word in words if word.text in wrong]
        word = self._next(placed, found)
        if word is not None:
            selected = self.marks.cursor_of(placed, word)
            self._editor.setTextCursor(selected)
            await self._offer(placed, word, self._place(selected), by_key=True)
            return
        said = tr("No misspelled words") if self._desk.is_on else tr("Spelling is not checked")
        menu = self._menu()
        _note(menu, said, menu.actions()[0])
        announce(self._editor, said)
        self._pop_up(menu, self._place(self._editor.textCursor()), by_key=True)

    def _next(self, placed: PlacedText, found: list[PromptWord]) -> PromptWord | None:
        """Return the word at the cursor or after it. A word that is selected was left as it is, so the next one."""
        cursor = self._editor.textCursor()
        index, selected = placed.index(cursor.selectionStart()), cursor.selectedText()
        for word in found:
            if word.end >= index and not (word.start == index and word.text == selected):
                return word
        return found[0] if found else None

    async def _offer(self, placed: PlacedText, word: PromptWord, place: QRect, *, by_key: bool = False) -> None:
        """Open the menu for a misspelled word once there are suggestions."""
        cursor = self.marks.cursor_of(placed, word)
        asked = self._desk.tasks.start(self._desk.suggestions(word.text), name="spelling.suggest")
        await asyncio.wait([asked], timeout=_PATIENCE_S)
        suggestions = asked.result() if asked.done() and not asked.cancelled() else ()
        if not self._editor.isVisible() or cursor.selectedText() != word.text:
            return
        menu = self._menu()
        menu.setAccessibleName(tr("“{word}” is misspelled", word=word.text))
        before = menu.actions()[0]
        for each in suggestions:
            replace = partial(self._replace, cursor, word.text, each, by_key=by_key)
            _added(menu, each.replace("&", "&&"), replace, before)
        if not suggestions:
            _note(menu, tr("No suggestions"), before)
        menu.insertSeparator(before)
        _added(menu, tr("Add to dictionary"), partial(self._desk.add, word.text), before)
        _added(menu, tr("Ignore word"), partial(self._desk.ignore, word.text), before)
        menu.insertSeparator(before)
        announce(
            self._editor,
            trn(
                "“{word}” is misspelled, {n} suggestion",
                "“{word}” is misspelled, {n} suggestions",
                len(suggestions),
                word=word.text,
            ),
        )
        self._pop_up(menu, place, by_key=by_key)

    def _replace(self, cursor: QTextCursor, word: str, correction: str, *, by_key: bool) -> None:
        """Replace a word so that the change can be undone, unless the word was edited meanwhile.

        The cursor stays where the user types, unless a key has taken it to the word.
        """
        if cursor.selectedText() == word:
            cursor.insertText(correction)
            if by_key:
                self._editor.setTextCursor(cursor)

    def _menu(self) -> QMenu:
        """Return the usual menu of a text field with the languages at its end."""
        menu = self._editor.createStandardContextMenu()
        menu.addSeparator()
        below = menu.addMenu(tr("Spelling"))
        is_on = self._desk.is_on
        on = _added(below, tr("Check spelling"), partial(self._desk.switch, on=not is_on))
        on.setCheckable(True)
        on.setChecked(is_on)
        on.setEnabled(not self._desk.is_locked(SPELLING))
        below.addSeparator()
        self._desk.look_again()
        for code, used in self._desk.languages.items():
            action = _added(below, language_name(code), partial(self._desk.use, code, used=not used))
            action.setCheckable(True)
            action.setChecked(used)
            action.setEnabled(self._desk.is_on and not self._desk.is_locked(SPELLING_LANGUAGES))
        return menu

    def _pop_up(self, menu: QMenu, place: QRect, *, by_key: bool = False) -> None:
        """Open a menu below a place, or above it if there is no room."""
        menu.aboutToHide.connect(menu.deleteLater)
        at, room = place.bottomLeft(), self._editor.screen().availableGeometry()
        height = menu.sizeHint().height()
        if at.y() + height > room.bottom() and place.top() - height >= room.top():
            at.setY(place.top() - height)
        menu.popup(at)
        if by_key:
            menu.setActiveAction(menu.actions()[0])

    def _place(self, cursor: QTextCursor) -> QRect:
        """Return the place of the cursor, or of the beginning of the selected text, on the screen."""
        start = QTextCursor(cursor)
        start.setPosition(cursor.selectionStart())
        rect = self._editor.cursorRect(start)
        return rect.translated(self._editor.viewport().mapToGlobal(QPoint()))


def _added(menu: QMenu, text: str, do: Callable[[], None], before: QAction | None = None) -> QAction:
    """Return a new entry of a menu, at its end or before another one."""
    action = QAction(text, menu)
    action.triggered.connect(lambda: do())  # noqa: PLW0108 - without the signal's argument
    if before is None:
        menu.addAction(action)
    else:
        menu.insertAction(before, action)
    return action


def _note(menu: QMenu, text: str, before: QAction) -> None:
    """Insert an entry that only says something."""
    note = QAction(text, menu)
    note.setEnabled(False)
    menu.insertAction(before, note)
