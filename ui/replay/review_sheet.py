"""One pair of the blind review as it is shown: the prompt with its folded history, and both answers."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Message, ModelRef, Role, Status, new_id, now
from desktop.domain.message_parts import TextPart
from desktop.replay.review_desk import ReviewPair
from desktop.services import Services
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.text_size import TextSize
from ui.base.theme import Themes
from ui.pane.pane_resources import looks_on_demand
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.list.message_list import MessageList
from ui.transcript.text.drawings import Drawings
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.buttons import button
from ui.widgets.labels import hairline, label

EARLIER_KEY = "E"

_NOBODY = ModelRef(connection="", name="")
_LONG = 6_000
"""Characters of a prompt from which it takes all the space it may have, without being measured."""
_AROUND = 16
"""Space that a transcript leaves below its last message, in pixels."""
_NARROW = 640
"""Width in pixels below which the answers are stacked."""
_PROMPT_SHARE = 0.34


class ReviewResources(Struct, frozen=True):
    """What the transcripts of one review share."""

    services: Services
    tasks: Tasks
    themes: Themes
    scheduler: FrameScheduler
    drawings: Drawings
    text_size: TextSize


def review_resources(services: Services, tasks: Tasks, themes: Themes, parent: QWidget) -> ReviewResources:
    """Return the resources of a review's transcripts."""
    drawings = Drawings(services.renderer.ask if services.renderer is not None else None, tasks, parent)
    return ReviewResources(services, tasks, themes, FrameScheduler(parent), drawings, TextSize(parent))


def without_author(message: Message) -> Message:
    """Return a message with its text and a prompt's attachments only: everything else may name its model."""
    is_prompt = message.role is Role.USER
    return Message(
        id=message.id,
        parent=message.parent,
        role=message.role,
        parts=message.parts if is_prompt else tuple(each for each in message.parts if isinstance(each, TextPart)),
        status=Status.COMPLETE,
        created_at=message.created_at,
        model=None if is_prompt else _NOBODY,
    )


def _transcript(shared: ReviewResources, name: str, parent: QWidget, *, files: bool = False) -> TranscriptView:
    """Return a transcript that shows nothing but texts."""
    made = TranscriptView(
        shared.themes,
        shared.scheduler,
        lambda _model: name,
        lambda _message: "",
        shared.drawings,
        shared.text_size,
        looks=looks_on_demand(shared.services, shared.tasks, parent) if files else None,
        parent=parent,
        fixed=True,
    )
    made.announcer.called = name
    return made


class ReviewAnswer(QWidget):
    """One answer of a pair, which scrolls by itself. `letter` is its place."""

    def __init__(self, letter: str, shared: ReviewResources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = tr("Answer {letter}", letter=letter)
        self.setAccessibleName(name)
        self.transcript = _transcript(shared, name, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transcript)
        self.setFocusProxy(self.transcript)

    def show_text(self, text: str) -> None:
        """Show an answer from its beginning."""
        shown = Message(
            id=new_id(),
            parent=None,
            role=Role.ASSISTANT,
            parts=(TextPart(text=text),),
            status=Status.COMPLETE,
            created_at=now(),
            model=_NOBODY,
        )
        self.transcript.show_messages([shown])
        self.transcript.turn_page(Qt.Key.Key_Home)
        QTimer.singleShot(0, self, self._to_beginning)  # once it is laid out

    def clear(self) -> None:
        """Show nothing."""
        if self.transcript.rows:
            self.transcript.show_messages(())

    @Slot()
    def _to_beginning(self) -> None:
        self.transcript.turn_page(Qt.Key.Key_Home)


class ReviewPrompt(QWidget):
    """Prompt of a pair, as tall as its text up to a limit; earlier messages are folded."""

    grew = Signal()
    """Emitted when the height that it needs may have changed."""

    def __init__(self, shared: ReviewResources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Prompt"))
        self._history: Sequence[Message] = ()
        self._prompt: Message | None = None
        self._unfolded = False
        self.earlier = button("", "link")
        self.transcript = _transcript(shared, tr("Earlier answer"), self, files=True)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 0)
        head.addWidget(label(tr("Prompt"), "caption"))
        head.addSpacing(8)
        head.addWidget(self.earlier)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.transcript)
        column.addWidget(hairline())
        self.earlier.clicked.connect(self.toggle)

    def show_prompt(self, history: Sequence[Message], prompt: Message) -> None:
        """Show a prompt, with the messages before it folded."""
        self._history = [without_author(each) for each in history]
        self._prompt, self._unfolded = without_author(prompt), False
        self._show()

    def clear(self) -> None:
        """Show nothing."""
        self._history, self._prompt = (), None
        self._show()

    @Slot()
    def toggle(self) -> None:
        """Unfold the earlier messages, or fold them."""
        if self._history:
            self._unfolded = not self._unfolded
            self._show()

    def fit(self, most: int) -> None:
        """Take the height of the text, at most so many pixels."""
        (messages,) = self.transcript.findChildren(MessageList)
        width, tall = messages.column[1], _AROUND
        for row in self.transcript.rows:
            if len(row.text) > _LONG or tall >= most:
                tall = most
                break
            tall += sum(slab.height(width) for slab in row.slabs)
        self.transcript.setFixedHeight(max(min(tall, most), 0))

    def _show(self) -> None:
        shown = [*(self._history if self._unfolded else ()), *([self._prompt] if self._prompt is not None else ())]
        self.transcript.show_messages(shown)
        count = len(self._history)
        text = (
            trn("Hide {n} earlier message", "Hide {n} earlier messages", count)
            if self._unfolded
            else trn("Show {n} earlier message", "Show {n} earlier messages", count)
        )
        self.earlier.setText(tr("{choice}  ({key})", choice=text, key=EARLIER_KEY))
        self.earlier.setAccessibleName(text)
        self.earlier.setVisible(bool(self._history))
        self.grew.emit()
        if not self._unfolded:
            self.transcript.turn_page(Qt.Key.Key_Home)


class ReviewSheet(QWidget):
    """One pair. A hidden sheet keeps its size, so that the next pair is laid out beforehand."""

    def __init__(self, shared: ReviewResources, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pair: ReviewPair | None = None
        self.prompt = ReviewPrompt(shared, self)
        self.answers = (ReviewAnswer("A", shared, self), ReviewAnswer("B", shared, self))
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._between = (hairline(vertical=True), hairline())
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(0)
        self._beside.addWidget(self.answers[0], 1)
        for line in self._between:
            self._beside.addWidget(line)
        self._beside.addWidget(self.answers[1], 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.prompt)
        column.addLayout(self._beside, 1)
        self.prompt.grew.connect(self._fit)

    @property
    def focused(self) -> int:
        """Place of the part that has the focus: the prompt or an answer; -1 if none has it."""
        at = QApplication.focusWidget()
        return next((place for place, part in enumerate(self._parts) if at is not None and part.isAncestorOf(at)), -1)

    def focus(self, place: int) -> None:
        """Focus a part by its place."""
        self._parts[place].setFocus()

    def show_pair(self, pair: ReviewPair | None) -> None:
        """Show a pair, or nothing."""
        self.pair = pair
        if pair is None:
            self.prompt.clear()
            for each in self.answers:
                each.clear()
            return
        self.prompt.show_prompt(pair.history, pair.prompt)
        for each, text in zip(self.answers, (pair.left, pair.right), strict=True):
            each.show_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the answers in a narrow window, and fit the prompt."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._beside.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        for line, shown in zip(self._between, (not narrow, narrow), strict=True):
            line.setVisible(shown)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the prompt once it has its width."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._fit)

    @property
    def _parts(self) -> tuple[QWidget, ...]:
        return (self.prompt.transcript, *(each.transcript for each in self.answers))

    @Slot()
    def _fit(self) -> None:
        self.prompt.fit(round(self.height() * _PROMPT_SHARE))
