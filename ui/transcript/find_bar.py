"""The bar that finds words in the conversation: a field, how many there are, to the next and back."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget
from shiboken6 import isValid

from ui.commands import Command, own_keys
from ui.icons import icon
from ui.strings import tr
from ui.theme import Theme, mixed
from ui.transcript import find
from ui.transcript.find import Hit, ShownText
from ui.transcript.find_words import FindWords, find_words
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.text.documents import Marks
from ui.widgets.labels import label
from ui.widgets.open_things import OpenThing

_AFTER_MS = 60
_WIDTH = 320


class FindBar(QFrame, OpenThing):
    """Stands in the corner of the transcript while it is open; what it finds is marked there."""

    def __init__(self, messages: MessageList, model: RowsModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._messages = messages
        self._model = model
        self._theme = theme
        self._sought: FindWords | None = None
        self._hits: list[Hit] = []
        self._at = -1
        self._shown: ShownText | None = None
        self._before: QWidget | None = None
        """What had the keyboard when it was opened."""
        self.setProperty("role", "popover")
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find in conversation"))
        self.field.setAccessibleName(tr("Find in conversation"))
        self.field.installEventFilter(self)
        self._count = label("", "muted")
        self._previous = self._button(tr("Previous hit (Shift+Enter)"), lambda: self.step(-1))
        self._next = self._button(tr("Next hit (Enter)"), lambda: self.step(1))
        self._close = self._button(tr("Close (Esc)"), self.close_bar)
        self._timer = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._timer.timeout.connect(self._search)
        self.field.textChanged.connect(self._timer.start)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 6, 6)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self._count)
        for button in (self._previous, self._next, self._close):
            row.addWidget(button)
        self.setFixedWidth(_WIDTH)
        self.themed(theme)
        self.hide()

    @property
    def count_text(self) -> str:
        """How many there are, as it is said."""
        return self._count.text()

    def open(self, words: str = "") -> None:
        """Come up, with the words that were marked; those of before stay where there are none."""
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            self._before = focused
        if words and "\n" not in words:
            self.field.setText(words)
        self.show()
        self._messages.installEventFilter(self)  # only now: every paint of an answer would go through it
        self.adjustSize()  # only now it has the fonts of the style sheet
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._search()

    def mark(self, words: str, row: int) -> None:
        """Mark words, and bring the first of them in a row into view, without coming up."""
        self.forget()
        self._sought = find_words(words)
        self._hits = find.hits(self._model.rows, self._sought) if self._sought else []
        self._at = next((number for number, hit in enumerate(self._hits) if hit.row == row), -1)
        if self._at < 0:
            self.forget()
            return
        self._messages.found_in = self._marks
        self._show()

    @Slot()
    def close_bar(self) -> None:
        """Go, take the marks away, and give the keyboard back to where one was, else to the messages."""
        before, self._before = self._before, None
        there = before is not None and isValid(before) and before.isVisible()
        # First: Qt would pass it on to a neighbour, and a screen reader would read that
        (before if before is not None and there else self._messages).setFocus(Qt.FocusReason.OtherFocusReason)
        self.forget()

    def close_by_key(self) -> None:
        """Go; the keyboard stays where it is unless it is in here."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.close_bar()
        else:
            self.forget()

    def forget(self) -> None:
        """Go and take the marks away: what was sought in is no longer there."""
        self.hide()
        self._messages.removeEventFilter(self)
        self._timer.stop()
        self._sought, self._hits, self._shown = None, [], None
        self._messages.found_in = None
        self._messages.viewport().update()

    def rows_changed(self) -> None:
        """The conversation is another one, or longer: seek anew, and stay at the hit."""
        if self.isVisible() and self._sought is not None:
            self._hits = find.hits(self._model.rows, self._sought)
            self._say()

    @Slot()
    def unrolled(self) -> None:
        """More of a long message can be shown: perhaps the hit that is sought in it."""
        if self.isVisible() and self._hits and self._shown is None:
            self._show()

    def redrawn(self) -> None:
        """Text that is shown stands elsewhere in its segment: the hit that was gone to is sought there anew."""
        if self.isVisible() and self._shown is not None and self._sought is not None and self._at < len(self._hits):
            hit = self._hits[self._at]
            self._shown = find.shown(self._model.rows[hit.row], hit, self._sought)

    def step(self, by: int) -> None:
        """Go to the next hit, back where it is negative, round at the ends."""
        if self._timer.isActive():
            self._search()
            return
        if self._hits:
            self._at = (self._at + by) % len(self._hits)
            self._show()

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._theme = theme
        names = ("chevron-up", "chevron-down", "x")
        for button, name in zip((self._previous, self._next, self._close), names, strict=True):
            button.setIcon(icon(name, theme.muted, 14))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the bar from its buttons too."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """F3 and Enter go on, with Shift back, Esc closes. While the bar is open F3 is its own, not the sidebar's."""
        pressed = QKeySequence(event.keyCombination()) if isinstance(event, QKeyEvent) and self.isVisible() else None
        by = 1 if pressed == own_keys(Command.NEXT_HIT) else -1 if pressed == own_keys(Command.PREVIOUS_HIT) else 0
        if by:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.step(by)
                return True
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(-1 if shift else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_bar()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _search(self) -> None:
        """Seek from what is in view on."""
        self._timer.stop()
        self._sought = find_words(self.field.text())
        self._hits = find.hits(self._model.rows, self._sought) if self._sought else []
        self._shown = None
        self._messages.found_in = self._marks if self._sought else None
        first = self._messages.placed[0].row if self._messages.placed else 0
        self._at = next((number for number, hit in enumerate(self._hits) if hit.row >= first), 0)
        if self._hits:
            self._show()
        else:
            self._say()
            self._messages.viewport().update()

    def _show(self) -> None:
        """Bring the hit into view."""
        self._say()
        hit = self._hits[self._at]
        if self._sought is None or hit.row >= len(self._model.rows):
            return
        row = self._model.rows[hit.row]
        self._shown = find.shown(row, hit, self._sought)
        if self._shown is None and row.parts.rest:
            self._messages.show_slab(hit.row, len(row.slabs) - 2, 0)
        if self._shown is not None:
            place = self._shown.place
            slab = row.slabs[place.slab]
            width = self._messages.column[1]
            line = slab.segments[place.segment].rect_of(place.position)
            y = slab.segment_top(place.segment, width) + round(line.top())
            self._messages.show_slab(place.row, place.slab, y)
        self._messages.viewport().update()

    def _say(self) -> None:
        total = len(self._hits)
        more = "+" if total >= find.MOST else ""
        said = f"{self._at + 1}/{total}{more}" if total else "0" if self._sought else ""
        news = said if said != self._count.text() else ""
        self._count.setText(said)
        self._count.setAccessibleName(
            tr("Hit {number} of {total}", number=self._at + 1, total=total) if total else tr("No results")
        )
        if news and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._count.accessibleName()))
        for button in (self._previous, self._next):
            button.setEnabled(bool(total))

    def _marks(self, row: int, slab: int, segment: int, text: str) -> Marks:
        """What is marked in a segment: the hit that was gone to in strong colours, the others in soft ones."""
        if self._sought is None:
            return ()
        theme = self._theme
        soft = (QColor(mixed(theme.canvas, theme.warn, 0.35)), QColor(theme.text))
        strong = (QColor(theme.accent), QColor(theme.on_accent))
        here = self._shown.place if self._shown else None
        current = here.position if here and (here.row, here.slab, here.segment) == (row, slab, segment) else -1
        return tuple(
            (found.start(), found.end(), *(strong if found.start() == current else soft))
            for found in self._sought.places(text)
        )

    def _button(self, name: str, pressed: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "quiet")
        button.setAccessibleName(name.partition(" (")[0])
        button.setToolTip(name)
        button.clicked.connect(pressed)
        return button
