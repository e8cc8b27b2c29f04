"""Letters of answers in an order with ties: dragged by the mouse, moved by Alt and the arrows."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from desktop.voting import vote_order
from desktop.voting.blind_round import letter
from desktop.voting.vote import Outcome
from ui.strings import number_text, tr
from ui.voting.vote_text import outcome_text
from ui.widgets.announcement import announce
from ui.widgets.labels import label
from ui.widgets.tips import put_tip

_EDGE = 0.3
"""This share of a letter at either side of it is beside it; in its middle what is dropped ties with it."""


class _Side(Enum):
    BEFORE = auto()
    ONTO = auto()
    AFTER = auto()


class _Target(NamedTuple):
    """Where a letter that is dragged would go: beside or onto the answer of a place."""

    place: int
    side: _Side


class _Letter(QPushButton):
    """One answer. Qt's button keeps the mouse while it is pressed, so that it hears where it is dragged."""

    stepped = Signal(int)
    """One half step: -1 is better, 1 is worse."""
    dragged = Signal(QPoint)
    """To this point of its parent."""
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
        """Alt and an arrow move it, in the direction in which the window is read; up is better."""
        forward = 1 if self.isLeftToRight() else -1
        keys = {Qt.Key.Key_Left: -forward, Qt.Key.Key_Right: forward, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = keys.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(step)
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin."""
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Dragged far enough it is a drag."""
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
        """It is dropped where it was dragged to."""
        drags, self._drags, self._pressed_at = self._drags, False, None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        super().mouseReleaseEvent(event)
        if drags:
            self.dropped.emit()


class OrderStrip(QWidget):
    """The best stands first; `A = B > C` says that A and B are equal."""

    changed = Signal(object)
    """The ranks, of every answer by its place."""

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
        """The rank of every answer by its place, from 0."""
        return self._ranks

    def show_ranks(self, ranks: Sequence[int]) -> None:
        """Show an order; as many answers as before keep their letters, and the keyboard with them."""
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
                made = self._letters[place]
                if before is not None:
                    self._signs.append(label("=" if number else ">", "muted", self))
                    self._row.addWidget(self._signs[-1])
                    self.setTabOrder(before, made)
                self._row.addWidget(made)
                before = made
                rank = number_text(ranks[place] + 1)
                made.setAccessibleName(tr("{letter}, rank {rank}", letter=letter(place), rank=rank))
        self.setAccessibleDescription(outcome_text(Outcome(ranks=self._ranks)))

    def _make(self) -> None:
        for each in self._letters:
            each.hide()
            each.deleteLater()
        self._letters = [_Letter(place, self) for place in range(len(self._ranks))]
        how = tr("Alt and the arrow keys move it. Drop it onto another one for a tie.")
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
        """The nearest letter, and at which of its sides; None over the one that is moved."""
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
        """Where a letter that is dragged would go: a line beside another one, or a ring round it."""
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
