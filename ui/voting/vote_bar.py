"""The bar below the answers of a blind round: which one is best, an order, a note, and the way on."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.voting.blind_round import letter
from desktop.voting.vote import LONGEST_TAG, MOST_TAGS, Outcome, best_of, both_bad, tie
from ui.strings import number_text, tr
from ui.voting.order_picker import OrderPicker
from ui.widgets.buttons import button
from ui.widgets.wrapping_layout import WrapLayout

_MOST_KEYS = 9
"""Digits that choose an answer."""

_EARLY_MS = 1000


class VoteBar(QWidget):
    """Votes by mouse, by digits and by letters; with more than two answers also an order with ties."""

    voted = Signal(object)
    """An Outcome."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Your vote"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.early_ms = _EARLY_MS
        """A vote that comes sooner after the answers appeared is asked for again: nobody read them."""
        self._since = QElapsedTimer()
        self._answers = 0
        self._buttons: list[QPushButton] = []
        self._keys: list[QShortcut] = []
        self._choices = QWidget(self)
        self._row = WrapLayout(self._choices)
        self._order = OrderPicker(self)
        self._order.chosen.connect(self.voted)
        self.note, self.tags = QLineEdit(self), QLineEdit(self)
        self.note.setPlaceholderText(tr("A note on this vote"))
        self.note.setAccessibleName(tr("A note on this vote"))
        self.tags.setPlaceholderText(tr("Tags, such as: translation, code"))
        self.tags.setAccessibleName(tr("Tags of this vote"))
        self.reveal = button(tr("Reveal without a vote"), "quiet")
        fields = QHBoxLayout()
        fields.addWidget(self.note, 2)
        fields.addWidget(self.tags, 1)
        fields.addWidget(self.reveal)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._choices)
        column.addWidget(self._order)
        column.addLayout(fields)

    @property
    def tagged(self) -> tuple[str, ...]:
        """The tags that are typed."""
        typed = (each.strip()[:LONGEST_TAG] for each in self.tags.text().split(","))
        return tuple(dict.fromkeys(filter(None, typed)))[:MOST_TAGS]

    def begin(self, answers: int) -> None:
        """Ask about so many answers; tags stay from vote to vote, a note is of one alone."""
        self._since.start()
        self.note.clear()
        if answers != self._answers:
            self._answers = answers
            self._fill()
        if answers > 2:
            self._order.begin(answers)

    @property
    def is_early(self) -> bool:
        """Whether the answers appeared too short a time ago for a vote on them."""
        return self._since.isValid() and self._since.elapsed() < self.early_ms

    def _fill(self) -> None:
        for each in self._keys:
            each.setEnabled(False)  # until it is gone two with the same digit would do nothing
            each.deleteLater()
        for each in self._buttons:
            each.hide()
            each.deleteLater()
        self._buttons, self._keys = [], []
        several = self._answers > 2
        for place in range(self._answers):
            name = letter(place)
            said = tr("{letter} is best", letter=name) if several else tr("{letter} is better", letter=name)
            self._add(said, best_of(place, self._answers))
        self._add(tr("Tie"), tie(self._answers))
        self._add(tr("All bad") if several else tr("Both bad"), both_bad(self._answers))
        self._order.setVisible(several)
        before: QWidget = self
        for each in self._buttons:  # Tab comes from the bar, which has the keyboard at first, to the choices
            self.setTabOrder(before, each)
            before = each

    def _add(self, text: str, outcome: Outcome) -> None:
        number = len(self._buttons) + 1
        vote = partial(self.voted.emit, outcome)
        keyed = tr("{choice}  ({key})", choice=text, key=number_text(number)) if number <= _MOST_KEYS else text
        made = button(keyed, name=text, by_enter=True)
        made.clicked.connect(vote)
        self._row.addWidget(made)
        self._buttons.append(made)
        if number <= _MOST_KEYS:
            key = QShortcut(QKeySequence(str(number)), self)
            key.setAutoRepeat(False)  # a key that is held down chose once
            key.activated.connect(partial(self._press, outcome))  # a field takes digits as text before
            self._keys.append(key)

    def _press(self, outcome: Outcome) -> None:
        """A digit votes where the keyboard is in the round, not in the list or the search."""
        if has_keyboard(self.parentWidget() or self):
            self.voted.emit(outcome)


def has_keyboard(widget: QWidget) -> bool:
    """Whether the keyboard is in a widget, or nowhere in its window."""
    window = widget.window()
    at = window.focusWidget() or window
    return at is window or at is widget or widget.isAncestorOf(at)
