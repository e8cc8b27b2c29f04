"""Find bar of a conversation: search field, number of matches, and buttons for the next and previous one."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from html import unescape

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget
from shiboken6 import isValid

from desktop.store.records import letter_folds
from desktop.text.unicode_form import composed
from ui.base.commands import Command, own_keys
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme, mixed
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.list.selection import TextPlace
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row import LONGEST_PLAIN, Row
from ui.transcript.message.tool_card import TextKind, ToolCard, cut
from ui.transcript.text.documents import Marks
from ui.widgets.labels import label
from ui.widgets.open_things import OpenThing

_BLANKS = "[\u2066\u2069]*\\s[\\s\u2066\u2069]*"
"""Pattern for whitespace between words, including characters that isolate code."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = r"(?:\]\([^()\s]{0,300}\)|\]\[[^\[\]]{0,300}\]|[\W_])*+"
"""Pattern for Markdown syntax that may be between two words, including link targets."""


_MOST = 100
"""Maximum length of the search text. Each character becomes a large character class, which takes 1 ms to compile."""


class FindWords:
    """Compiled search text, cut to the maximum length.

    ASCII texts are searched without spelling variants, which is ten times as fast.
    """

    def __init__(self, words: str) -> None:
        parts = words.lstrip()[:_MOST].split()
        self._parts = _beginning(map(_bare, parts))
        self._typed = _beginning(map(_bare, _WORD.findall(" ".join(parts))))
        self.has_digits = any(map(str.isdigit, words))
        self._plain = _compiled(_BLANKS.join(map(re.escape, self._parts)))
        self.is_loose = bool(self._typed)
        """Whether it holds words, between which Markdown's signs may stand."""
        self._plain_loose = _compiled(_SIGNS.join(map(re.escape, self._typed)))

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        return _compiled(_BLANKS.join(map(_spelled, self._parts)))

    @cached_property
    def _longest(self) -> re.Pattern[str]:
        return _compiled(re.escape(max(self._parts, key=len, default="")))

    @cached_property
    def _spelled_longest(self) -> re.Pattern[str]:
        return _compiled(_spelled(max(self._parts, key=len, default="")))

    @cached_property
    def _spelled_loose(self) -> re.Pattern[str]:
        return _compiled(_SIGNS.join(map(_spelled, self._typed)))

    def places(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in a text."""
        return (self._plain if text.isascii() else self._spelled).finditer(text)

    def may_be_in(self, text: str) -> bool:
        """Whether a text has the longest of the words, whatever is between words. Quick for long texts."""
        pattern = self._longest if text.isascii() else self._spelled_longest
        return pattern.search(text) is not None

    def loose_places(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in a text, allowing Markdown syntax between words."""
        return (self._plain_loose if text.isascii() else self._spelled_loose).finditer(text)


def find_words(words: str) -> FindWords | None:
    """Return a compiled search, or None if the text contains no words."""
    return FindWords(words) if words.split() else None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _bare(word: str) -> str:
    """Return a word without case and accents, or the word itself if nothing would remain."""
    return letter_folds.folded(composed(word, "NFKC").casefold()).strip() or word


def _beginning(words: Iterable[str]) -> list[str]:
    """Cut the words to the maximum total length. A single character may stand for up to eighteen."""
    beginning: list[str] = []
    room = _MOST
    for word in words:
        beginning += [word[:room]] if room > 0 else []
        room -= len(word)
    return beginning


def _spelled(bare: str) -> str:
    """Return a pattern that matches all spellings of a word."""
    single, double, marks = _spellings()
    pieces: list[str] = []
    index = 0
    while index < len(bare):
        pair = bare[index : index + 2]
        one = f"{single.get(pair[0], re.escape(pair[0]))}{marks}"
        if pair in double:
            other = f"{single.get(pair[1], re.escape(pair[1]))}{marks}"
            pieces.append(f"(?:{one}{other}|{double[pair]}{marks})")
            index += 2
        else:
            pieces.append(one)
            index += 1
    return "".join(pieces)


@cache
def _spellings() -> tuple[Mapping[str, str], Mapping[str, str], str]:
    """Return patterns for the variants of each letter and of pairs of letters, and for marks to ignore."""
    gathered: dict[str, list[str]] = {"ss": ["ß"], "": []}
    for code, base in letter_folds.table().items():
        gathered.setdefault(base, []).append(chr(code))
    classes = {base: f"[{''.join(map(re.escape, (*letters, base[:1])))}]" for base, letters in gathered.items()}
    single = {base: letters for base, letters in classes.items() if len(base) == 1}
    double = {base: f"[{''.join(map(re.escape, gathered[base]))}]" for base in gathered if len(base) == 2}
    return single, double, f"[{''.join(map(re.escape, gathered['']))}]*"


MOST = 10_000
"""Maximum number of matches that are counted; if there are more, the bar says so."""

_NOTE = re.compile(r"\[(\d{1,6})\]")
_UNMARKED = str.maketrans("", "", "*_~`\\")
"""Translation table that removes Markdown syntax which may be inside a word."""


class Hit(Struct, frozen=True):
    """A match: its row and its position in the text."""

    row: int
    start: int
    nth: int = -1
    """Index of the match among those in the block's visible text, or -1 if only the source was searched."""
    card: ToolCard | None = None
    """The tool card that contains the match. Then `nth` is the index among the matches in a piece of its text."""
    kind: TextKind | None = None
    """The text of the card, or None for its first line."""
    piece: int = 0
    """Index of the piece of that text."""


class ShownText(Struct, frozen=True):
    """Position of a match in the displayed text."""

    place: TextPlace
    end: int


def hits(rows: Sequence[Row], sought: FindWords) -> list[Hit]:
    """Return the matches from top to bottom, at most MOST."""
    found: list[Hit] = []
    for hit in _hits(rows, sought):
        found.append(hit)
        if len(found) >= MOST:
            break
    return found


def _hits(rows: Sequence[Row], sought: FindWords) -> Iterator[Hit]:
    for number, row in enumerate(rows):
        found = _text_hits(number, row, sought)
        yield from _with_cards(number, row, sought, found) if row.cards and not row.brief else found


def _text_hits(number: int, row: Row, sought: FindWords) -> Iterator[Hit]:
    starts = [found.start() for found in sought.places(row.text)]
    if _may_show_more(row, sought, len(starts)):
        yield from _block_hits(number, row, sought, starts)
    else:
        yield from (Hit(number, start) for start in starts)


def _with_cards(number: int, row: Row, sought: FindWords, in_text: Iterator[Hit]) -> Iterator[Hit]:
    """Yield the matches in the text and in the cards of a row, from top to bottom."""
    waiting = next(in_text, None)
    for card in row.cards:
        while waiting is not None and waiting.start < card.at:
            yield waiting
            waiting = next(in_text, None)
        yield from _card_hits(number, card, sought)
    if waiting is not None:
        yield waiting
        yield from in_text


def _card_hits(number: int, card: ToolCard, sought: FindWords) -> Iterator[Hit]:
    """Yield the matches in a card. Those in the arguments are counted once, although the first line has them too."""
    from ui.transcript.text.tool_document import shown_text

    for nth, _ in enumerate(sought.places(shown_text(" · ".join(filter(None, (card.name, card.server)))))):
        yield Hit(number, card.at, nth, card)
    if not any(map(sought.may_be_in, card.received)):
        return  # before texts are indented and cut, which takes longer
    for text in card.texts:
        for place, piece in enumerate(cut(text.shown) if sought.may_be_in(text.raw) else ()):
            for nth, _ in enumerate(sought.places(shown_text(piece.text))):
                yield Hit(number, card.at, nth, card, text.kind, place)


def _may_show_more(row: Row, sought: FindWords, written: int) -> bool:
    """Quickly check whether the visible text may contain matches that the source does not contain."""
    if not sought.is_loose or row.is_prompt or row.live or row.as_written or len(row.text) > LONGEST_PLAIN:
        return False
    if "[^" in row.text and sought.has_digits:
        return True  # numbers of notes are shown and not written
    bare = unescape(row.text).translate(_UNMARKED)
    return sum(1 for _ in sought.loose_places(bare)) > written


def _block_hits(number: int, row: Row, sought: FindWords, starts: Sequence[int]) -> Iterator[Hit]:
    """Yield the matches in the visible text of each block, or in its source if there are more matches in it."""
    from desktop.markdown.text import plain_text

    at = 0
    for block in (block for _, text in row.texts() for block in row.parse(text)):
        end = at + len(block.source)
        written = starts[bisect_left(starts, at) : bisect_left(starts, end)]
        told = 0 if block.is_hidden else sum(1 for _ in sought.places(_as_shown(plain_text(block), block.source)))
        for nth in range(max(told, len(written))):
            yield Hit(number, written[nth] if nth < len(written) else at, min(nth, told - 1))
        at = end


def _as_shown(plain: str, written: str) -> str:
    """Return the text of a block with footnote numbers in their displayed form."""
    return _NOTE.sub(r"\1", plain) if "[^" in written else plain


def shown(row: Row, hit: Hit, sought: FindWords) -> ShownText | None:
    """Lay out the text of a match and return the position at which it is displayed, or None if it is not.

    The source and the displayed text differ by Markdown syntax.
    """
    if hit.card is not None:
        return _shown_in_card(row, hit, hit.card, sought)
    for number, slab in enumerate(row.slabs):
        start = slab.start
        if start is None or not start <= hit.start < start + slab.length:
            continue  # only what holds the hit is laid out
        for index, segment in enumerate(slab.segments):
            end = start + len(segment.source)
            if start <= hit.start < end:
                before = hit.nth
                if before < 0:
                    before = sum(1 for _ in sought.places(segment.source[: hit.start - start]))
                found = [match.span() for match in sought.places(segment.text)]
                first, last = found[min(before, len(found) - 1)] if found else (0, 0)
                return ShownText(TextPlace(hit.row, number, index, first), last)
            start = end
    return None


def _shown_in_card(row: Row, hit: Hit, card: ToolCard, sought: FindWords) -> ShownText | None:
    """Return the position of a match in a card, or None if the card does not show it."""
    place = 0
    for number, slab in enumerate(row.slabs):
        if not isinstance(slab, CardSlab) or slab.card is not card or slab.kind is not hit.kind:
            continue
        if place == hit.piece:
            found = [match.span() for match in sought.places(slab.segments[0].text)]
            first, last = found[min(hit.nth, len(found) - 1)] if found else (0, 0)
            return ShownText(TextPlace(hit.row, number, 0, first), last)
        place += 1
    return None


_AFTER_MS = 60
_WIDTH = 320


class FindBar(QFrame, OpenThing):
    """Bar in the corner of the transcript, which highlights the matches while it is open."""

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
        messages.slabs_replaced.connect(self.redrawn)
        self.themed(theme)
        self.hide()

    @property
    def count_text(self) -> str:
        """The number of matches as displayed."""
        return self._count.text()

    def open(self, words: str = "") -> None:
        """Open the bar with the selected words, or with the previous search text."""
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
        """Highlight words, and scroll to the first match in a row, without opening the bar."""
        self.forget()
        self._sought = find_words(words)
        self._hits = hits(self._model.rows, self._sought) if self._sought else []
        self._at = next((number for number, hit in enumerate(self._hits) if hit.row == row), -1)
        if self._at < 0:
            self.forget()
            return
        self._messages.found_in = self._marks
        self._show()

    @Slot()
    def close_bar(self) -> None:
        """Close the bar, remove the highlights and give the focus back."""
        before, self._before = self._before, None
        there = before is not None and isValid(before) and before.isVisible()
        # This comes before hiding, because Qt would move the focus to a neighboring widget
        (before if before is not None and there else self._messages).setFocus(Qt.FocusReason.OtherFocusReason)
        self.forget()

    def close_by_key(self) -> None:
        """Close the bar. The focus stays where it is unless it is in the bar."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.close_bar()
        else:
            self.forget()

    def forget(self) -> None:
        """Close the bar and remove the highlights, because the text is gone."""
        self.hide()
        self._messages.removeEventFilter(self)
        self._timer.stop()
        self._sought, self._hits, self._shown = None, [], None
        self._messages.found_in = None
        self._messages.viewport().update()

    def rows_changed(self) -> None:
        """Search again after the conversation changed, preserving the current match."""
        if self.isVisible() and self._sought is not None:
            self._hits = hits(self._model.rows, self._sought)
            self._say()

    @Slot()
    def unrolled(self) -> None:
        """Try again to show the current match after more of a long message was split."""
        if self.isVisible() and self._hits and self._shown is None:
            self._show()

    @Slot()
    def redrawn(self) -> None:
        """Find the position of the current match again after its segment changed."""
        if self.isVisible() and self._shown is not None and self._sought is not None and self._at < len(self._hits):
            hit = self._hits[self._at]
            self._shown = shown(self._model.rows[hit.row], hit, self._sought)

    def step(self, by: int) -> None:
        """Go to another match, `by` matches further, wrapping around."""
        if self._timer.isActive():
            self._search()
            return
        if self._hits:
            self._at = (self._at + by) % len(self._hits)
            self._show()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        names = ("chevron-up", "chevron-down", "x")
        for button, name in zip((self._previous, self._next, self._close), names, strict=True):
            button.setIcon(icon(name, theme.muted, 14))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the bar when Esc is pressed on one of its buttons."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle F3, Enter and Esc while the bar is open."""
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
        """Search again, starting with the first match after the visible position."""
        self._timer.stop()
        self._sought = find_words(self.field.text())
        self._hits = hits(self._model.rows, self._sought) if self._sought else []
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
        """Scroll to the current match."""
        self._say()
        hit = self._hits[self._at]
        if self._sought is None or hit.row >= len(self._model.rows):
            return
        row = self._model.rows[hit.row]
        if hit.card is not None:
            self._messages.unfold_card(row, hit.card, hit.kind)
        self._shown = shown(row, hit, self._sought)
        if self._shown is None and row.parts.rest:
            self._messages.show_slab(hit.row, len(row.slabs) - 2, 0)
        if self._shown is not None:
            place = self._shown.place
            self._messages.unfold_around(row, place.slab, place.segment)
            slab = row.slabs[place.slab]
            width = self._messages.column[1]
            line = slab.segments[place.segment].rect_of(place.position)
            y = slab.segment_top(place.segment, width) + round(line.top())
            self._messages.show_slab(place.row, place.slab, y)
        self._messages.viewport().update()

    def _say(self) -> None:
        total = len(self._hits)
        more = "+" if total >= MOST else ""
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
        """Return the highlights of a segment. The current match has a stronger color."""
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
