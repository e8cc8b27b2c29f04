"""Panel above the prompt field with all tool calls and questions that wait for the user."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.tools.approvals import Asked, Question, SignInOffer
from ui.base.strings import number_text, tr, trn
from ui.base.text_size import TextSize
from ui.tools.approval_card import ApprovalCard, WaitingCard
from ui.tools.question_card import QuestionCard
from ui.tools.sign_in_card import SignInCard
from ui.tools.tool_text import one_line, tool_name
from ui.widgets.announcement import announce
from ui.widgets.labels import hairline, label
from ui.widgets.viewport import put_viewport

_SHARE = 0.4
"""Maximum height of the panel as a share of the window's height."""

_EDGE = 16

Pending = Asked | Question | SignInOffer


class ApprovalPanel(QWidget):
    """List of cards. It never takes the focus by itself."""

    answered = Signal(object, object)
    """Emitted with the pending Asked, Question or SignInOffer and the answer to it."""
    left = Signal()
    """Emitted when the focus is to move back to the prompt field."""

    def __init__(self, text_size: TextSize, keys: Callable[[], str]) -> None:
        """Create an empty panel. `keys` returns the shortcut that moves the focus here, or an empty string."""
        super().__init__()
        self._text_size = text_size
        self._keys = keys
        self._in_column = True
        self.cards: dict[int, WaitingCard] = {}
        self.setAccessibleName(tr("Pending tool calls"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._title = label("", "caption")
        self._hint = label("", "muted")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._hint)
        self._area = QScrollArea()
        put_viewport(self._area)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setAccessibleName(tr("Pending tool calls"))
        content = QWidget()
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        self._area.setWidget(content)
        content.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        self._inner = QVBoxLayout()
        self._inner.setSpacing(6)
        self._inner.addLayout(head)
        self._inner.addWidget(self._area)
        column.addLayout(self._inner)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fit)
        text_size.changed.connect(self._soon.start)
        self.hide()

    @property
    def title(self) -> str:
        """The line above the cards."""
        return self._title.text()

    def set_in_column(self, in_column: bool) -> None:  # noqa: FBT001 - a state
        """Set whether the panel keeps to the reading column, as the field of a single pane does."""
        self._in_column = in_column
        self._soon.start()

    def show_pending(self, pending: Sequence[Pending], names: Callable[[Asked], Sequence[str]]) -> None:
        """Show these calls and questions. `names` returns the models that wait for a call."""
        wanted = {each.id: each for each in pending}
        gone = [number for number in self.cards if number not in wanted]
        focused = QApplication.focusWidget()
        held = focused is not None and any(self.cards[number].isAncestorOf(focused) for number in gone)
        for number in gone:
            self._remove(number)
        new = [each for each in pending if each.id not in self.cards]
        for each in new:
            self._add(each)
        for each in pending:
            card = self.cards[each.id]
            if isinstance(each, Asked) and isinstance(card, ApprovalCard):
                card.show_panes(names(each))
        self._title.setText(_title(pending))
        keys = self._keys()
        self._hint.setText(tr("{keys} to answer", keys=keys) if keys else "")
        self.setVisible(bool(pending))
        if held and pending:  # Qt would pass the keyboard to any neighbour
            self.take_keyboard()
        elif held:
            self.left.emit()
        self._soon.start()
        for each in new:
            self._announce(each)

    @Slot()
    def take_keyboard(self) -> None:
        """Move the focus to the first card."""
        card = next(iter(self.cards.values()), None)
        if card is not None:
            card.first.setFocus()
            self._area.ensureWidgetVisible(card.first)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height to the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._soon.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the height when a card has grown or shrunk."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._soon.start()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """Return the current height."""
        return QSize(super().sizeHint().width(), self.height())

    def _add(self, each: Pending) -> None:
        match each:
            case Asked():
                card = ApprovalCard(each)
            case Question():
                card = QuestionCard(each)
            case SignInOffer():
                card = SignInCard(each)
        card.answered.connect(partial(self.answered.emit, each))
        card.left.connect(self.left)
        self.cards[each.id] = card
        self._list.addWidget(card)

    def _remove(self, number: int) -> None:
        card = self.cards.pop(number)
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()
        for each in self.cards.values():
            each.restart()

    @Slot()
    def _fit(self) -> None:
        """Make the panel as tall as its cards, up to a share of the window; then it scrolls."""
        if not self.cards or self.parentWidget() is None:
            return
        left, right = self._text_size.margins(self.width()) if self._in_column else (_EDGE, _EDGE)
        self._inner.setContentsMargins(left, 10, right, 10)
        self._list.activate()
        width = max(self.width() - left - right, 1)
        tall = self._list.totalHeightForWidth(width) if self._list.hasHeightForWidth() else -1
        tall = max(tall, self._list.totalMinimumSize().height())  # the area gives its content no less
        room = int(self.window().height() * _SHARE)
        chrome = 1 + 20 + self._title.sizeHint().height() + self._inner.spacing()
        self._area.setFixedHeight(max(min(tall, room - chrome), 1))
        self.setFixedHeight(chrome + self._area.height())

    def _announce(self, each: Pending) -> None:
        if isinstance(each, Asked):
            said = tr("A tool call waits for your answer: {tool}.", tool=tool_name(each.info))
        elif isinstance(each, SignInOffer):
            said = tr("{server} requires a sign-in.", server=one_line(each.server))
        else:
            said = tr("{server} asks a question.", server=one_line(each.elicitation.server))
        keys = self._keys()
        announce(self, f"{said} {tr('Press {keys} to answer.', keys=keys) if keys else ''}")


def _title(pending: Sequence[Pending]) -> str:
    number = len(pending)
    if all(isinstance(each, Asked) for each in pending):
        return trn("{n} tool call waits for your answer", "{n} tool calls wait for your answer", number)
    if all(isinstance(each, SignInOffer) for each in pending):
        return trn("{n} tool server requires a sign-in", "{n} tool servers require a sign-in", number)
    if any(not isinstance(each, Question) for each in pending):
        return tr("{n} tool calls and questions wait for your answer", n=number_text(number))
    return trn("{n} question from a tool server", "{n} questions from tool servers", number)
