"""Vote bar of a blind round: the best response, or an order with ties, a note and tags."""

# ruff: noqa: N802 - Qt's names

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.voting import vote_order
from desktop.voting.blind_round import letter
from desktop.voting.vote import LONGEST_TAG, MOST_TAGS, Outcome, best_of, both_bad, order, tie
from ui.base.strings import number_text, tr
from ui.voting.vote_text import outcome_text
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

_EDGE = 0.3
"""Share of a letter's width on each side that counts as next to the letter. Dropping in the middle makes a tie."""


class _Side(Enum):
    BEFORE = auto()
    ONTO = auto()
    AFTER = auto()


class _Target(NamedTuple):
    """Target for dropping a letter: next to another letter, or onto it."""

    place: int
    side: _Side


class _Letter(QPushButton):
    """Letter of a response, which can be dragged. Qt's button receives all mouse events while pressed."""

    stepped = Signal(int)
    """Emitted with a half step: -1 towards better, 1 towards worse."""
    dragged = Signal(QPoint)
    """Emitted with a point in the parent's coordinates."""
    dropped = Signal()

    def __init__(self, place: int, parent: QWidget) -> None:
        super().__init__(letter(place), parent)
        self.place = place
        self._pressed_at: QPoint | None = None
        self._drags = False
        self.setProperty("role", "keys")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the letter with Alt and an arrow key. Up means better."""
        forward = 1 if self.isLeftToRight() else -1
        keys = {Qt.Key.Key_Left: -forward, Qt.Key.Key_Right: forward, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = keys.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(step)
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Prepare to drag the letter."""
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the letter once the pointer has moved far enough."""
        at = event.position().toPoint()
        if self._pressed_at is not None:
            far = (at - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
            self._drags = self._drags or far
        if self._drags:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(self.mapToParent(at))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the letter."""
        drags, self._drags, self._pressed_at = self._drags, False, None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        super().mouseReleaseEvent(event)
        if drags:
            self.dropped.emit()


class OrderStrip(QWidget):
    """Order of the responses, the best first. In `A = B > C`, A and B are tied."""

    changed = Signal(object)
    """Emitted with the rank of every response."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ranks: vote_order.Ranks = ()
        self._letters: list[_Letter] = []
        self._signs: list[QWidget] = []
        self._target: _Target | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(2, 2, 2, 2)
        self._row.setSpacing(4)
        self.setAccessibleName(tr("Order, best first"))

    @property
    def ranks(self) -> vote_order.Ranks:
        """Rank of every response, starting at 0."""
        return self._ranks

    def show_ranks(self, ranks: Sequence[int]) -> None:
        """Show an order, reusing the letters so that the focus stays."""
        self._ranks = tuple(ranks)
        if len(ranks) != len(self._letters):
            self._make()
        for each in self._signs:
            each.hide()
            each.deleteLater()
        self._signs = []
        before: _Letter | None = None
        for group in vote_order.groups_of(ranks):
            for number, place in enumerate(group):
                button = self._letters[place]
                if before is not None:
                    self._signs.append(label("=" if number else ">", "muted", self))
                    self._row.addWidget(self._signs[-1])
                    self.setTabOrder(before, button)
                self._row.addWidget(button)
                before = button
                rank = number_text(ranks[place] + 1)
                button.setAccessibleName(tr("{letter}, rank {rank}", letter=letter(place), rank=rank))
        self.setAccessibleDescription(outcome_text(Outcome(ranks=self._ranks)))

    def _make(self) -> None:
        for each in self._letters:
            each.hide()
            each.deleteLater()
        self._letters = [_Letter(place, self) for place in range(len(self._ranks))]
        how = tr("Press Alt and an arrow key to move this response. Drop it onto another response for a tie.")
        for each in self._letters:
            put_tip(each, how)
            each.stepped.connect(self._step)
            each.dragged.connect(self._drag)
            each.dropped.connect(self._drop)

    @Slot(int)
    def _step(self, by: int) -> None:
        moved = self.sender()
        assert isinstance(moved, _Letter)
        step = vote_order.better if by < 0 else vote_order.worse
        self._change(step(self._ranks, moved.place))

    @Slot(QPoint)
    def _drag(self, at: QPoint) -> None:
        moved = self.sender()
        assert isinstance(moved, _Letter)
        self._target = self._target_at(at, moved.place)
        self.update()

    @Slot()
    def _drop(self) -> None:
        moved, target, self._target = self.sender(), self._target, None
        assert isinstance(moved, _Letter)
        self.update()
        if target is None:
            return
        if target.side is _Side.ONTO:
            self._change(vote_order.tied(self._ranks, moved.place, target.place))
        else:
            after = target.side is _Side.AFTER
            self._change(vote_order.beside(self._ranks, moved.place, target.place, after=after))

    def _target_at(self, at: QPoint, moved: int) -> _Target | None:
        """Return the nearest target for dropping, or None if that is the moved letter itself."""
        nearest = min(self._letters, key=lambda each: abs(each.geometry().center().x() - at.x()))
        if nearest.place == moved:
            return None
        area = nearest.geometry()
        into = (at.x() - area.left()) / max(area.width(), 1)
        into = into if self.isLeftToRight() else 1 - into
        side = _Side.BEFORE if into < _EDGE else _Side.AFTER if into > 1 - _EDGE else _Side.ONTO
        return _Target(nearest.place, side)

    def _change(self, ranks: vote_order.Ranks) -> None:
        if ranks != self._ranks:
            self.show_ranks(ranks)
            self.changed.emit(ranks)
        announce(self, outcome_text(Outcome(ranks=ranks)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the target on which a letter would be dropped."""
        super().paintEvent(event)
        if self._target is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
        area = self._letters[self._target.place].geometry()
        if self._target.side is _Side.ONTO:
            painter.drawRoundedRect(QRect(area).adjusted(-2, -2, 2, 2), 6, 6)
            return
        left = (self._target.side is _Side.BEFORE) is self.isLeftToRight()
        x = area.left() - 3 if left else area.right() + 3
        painter.drawLine(QPointF(x, area.top() - 1), QPointF(x, area.bottom() + 1))


_ROOM = 4
"""Width of a box, in letters."""


class OrderPicker(QWidget):
    """Control for ordering the responses. At first, all of them are tied."""

    chosen = Signal(object)
    """Emitted with the Outcome that the user votes for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: list[ChoiceBox] = []
        self._row = WrapLayout(self)
        self._strip = OrderStrip(self)
        self._vote = button(tr("Vote for this order"), by_enter=True)
        before = label(tr("Or rank the responses:"), "muted", self)
        for each in (before, self._strip):
            each.setMinimumHeight(self._vote.sizeHint().height())  # on one line with the boxes
            self._row.addWidget(each)
        self._row.addWidget(self._vote)
        self._strip.changed.connect(self._show_boxes)
        self._vote.clicked.connect(lambda: self.chosen.emit(order(self._values)))

    @property
    def _values(self) -> list[int]:
        return [each.currentIndex() for each in self._boxes]

    def begin(self, answers: int) -> None:
        """Reset the order for a number of responses."""
        if answers != len(self._boxes):
            self._fill(answers)
        self._strip.show_ranks([0] * answers)
        self._show_boxes()

    def _fill(self, answers: int) -> None:
        for widget in self._boxes:
            widget.hide()
            widget.deleteLater()
        self._row.removeWidget(self._vote)
        self._boxes = [ChoiceBox(tr("Rank of {letter}", letter=letter(place)), self) for place in range(answers)]
        for place, box in enumerate(self._boxes):
            box.addItems([f"{letter(place)}: {number_text(rank + 1)}" for rank in range(answers)])
            box.setMinimumContentsLength(_ROOM)
            box.currentIndexChanged.connect(self._show_strip)
            self._row.addWidget(box)
        self._row.addWidget(self._vote)
        before: QWidget = self._strip
        for widget in (*self._boxes, self._vote):
            self.setTabOrder(before, widget)
            before = widget

    @Slot()
    def _show_strip(self) -> None:
        self._strip.show_ranks(order(self._values).ranks)

    @Slot()
    def _show_boxes(self) -> None:
        for box, rank in zip(self._boxes, self._strip.ranks, strict=True):
            box.blockSignals(True)  # noqa: FBT003 - Qt's own
            box.setCurrentIndex(rank)
            box.blockSignals(False)  # noqa: FBT003 - Qt's own


_MOST_KEYS = 9
"""Maximum number of responses that digits can choose."""

_EARLY_MS = 1000


class VoteBar(QWidget):
    """Bar for voting by mouse or keys. More than two responses can be put in order, with ties."""

    voted = Signal(object)
    """Emitted with the Outcome that the user voted for."""

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
        self.note.setPlaceholderText(tr("Note on this vote"))
        self.note.setAccessibleName(tr("Note on this vote"))
        self.tags.setPlaceholderText(tr("Tags, such as: translation, code"))
        self.tags.setAccessibleName(tr("Tags for this vote"))
        self.reveal = button(tr("Reveal without voting"), "quiet")
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
        """The typed tags."""
        typed = (each.strip()[:LONGEST_TAG] for each in self.tags.text().split(","))
        return tuple(dict.fromkeys(filter(None, typed)))[:MOST_TAGS]

    def begin(self, answers: int) -> None:
        """Reset the bar for a number of responses. Tags stay; the note is cleared."""
        self._since.start()
        self.note.clear()
        if answers != self._answers:
            self._answers = answers
            self._fill()
        if answers > 2:
            self._order.begin(answers)

    @property
    def is_early(self) -> bool:
        """Whether the responses appeared so recently that a vote cannot be considered."""
        return self._since.isValid() and self._since.elapsed() < self.early_ms

    def _fill(self) -> None:
        for widget in self._keys:
            widget.setEnabled(False)  # until it is gone two with the same digit would do nothing
            widget.deleteLater()
        for widget in self._buttons:
            widget.hide()
            widget.deleteLater()
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
        for widget in self._buttons:  # Tab comes from the bar, which has the keyboard at first, to the choices
            self.setTabOrder(before, widget)
            before = widget

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
        """Vote by a key, if the focus is inside the round."""
        if has_keyboard(self.parentWidget() or self):
            self.voted.emit(outcome)


def has_keyboard(widget: QWidget) -> bool:
    """Whether the focus is inside a widget, or not on any widget of the window."""
    window = widget.window()
    at = window.focusWidget() or window
    return at is window or at is widget or widget.isAncestorOf(at)
