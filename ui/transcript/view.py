"""The transcript's door: messages in, what the reader wants out."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.domain import Message, ModelRef, Role, Status, now
from desktop.events import RetryWait
from ui.icons import icon
from ui.theme import Theme, Themes
from ui.transcript import actions
from ui.transcript.actions import MessageActions
from ui.transcript.card_place import CardPlace
from ui.transcript.list import MessageList
from ui.transcript.model import RowsModel
from ui.transcript.paint import RowPainter
from ui.transcript.rows import Fonts, Row
from ui.transcript.scheduler import Batcher

Branches = Mapping[str, tuple[int, int]]
"""By a message's id: which of its versions it is, from 1, and how many there are."""

_NONE: Branches = {}
_TICK_MS = 500


class TranscriptView(QWidget):
    """The messages of one conversation. Signals carry the id of the message that they are about."""

    edit_wanted = Signal(str)
    regenerate_wanted = Signal()
    continue_wanted = Signal()
    branch_wanted = Signal(str, int)

    def __init__(
        self,
        themes: Themes,
        name_of: Callable[[ModelRef], str],
        figures_of: Callable[[Message], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._name_of = name_of
        self._figures_of = figures_of
        self._live: Row | None = None
        self._thinking_since: float | None = None
        self._retry_until: tuple[float, RetryWait] | None = None
        self._model = RowsModel(self)
        self._painter = RowPainter(themes.current, Fonts.of(self.font()), self._model)
        self._list = MessageList(self._model, self._painter, self)
        self._actions = MessageActions(self._list, self._model, themes.current)
        self._place = CardPlace(self._list, self._model)
        self._end = QToolButton(self)
        self._end.setAccessibleName("Back to the end")
        self._end.setToolTip("Back to the end")
        self._end.hide()
        self._batcher = Batcher(self)
        self._clock = QTimer(self, interval=_TICK_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list)
        self.setFocusProxy(self._list)
        self._connect()
        self._themed(themes.current)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are shown."""
        return self._model.rows

    @property
    def at_end(self) -> bool:
        """Whether the newest text is in view, and followed."""
        return self._list.at_end

    @property
    def focused_id(self) -> str:
        """The id of the message that the keyboard is on, empty without one."""
        row = self._list.current_row()
        return row.id if row else ""

    def show_messages(self, messages: Sequence[Message], branches: Branches = _NONE) -> None:
        """Show a conversation's path; rows that are there already stay as they are."""
        self._batcher.clear()
        self._live = None
        self._actions.busy = False
        self._clock.stop()
        known = {row.id: row for row in self._model.rows}
        rows: list[Row] = []
        fresh = not any(message.id in known for message in messages)
        for message in messages:
            row = known.get(message.id)
            if row is None or row.live:
                row = Row(message, self._who(message))
            elif row.message is not message:
                row.become(message)
            row.branch = branches.get(message.id, (1, 1))
            row.footer_height = 0
            rows.append(row)
        if fresh:
            self._list.to_end()
        self._list.change(lambda: self._model.replace(rows))
        if fresh:
            self._list.change(self._list.to_end)
        self._place.place()
        self._actions.show_at(None, "")

    def begin(self, prompt: Message | None, answer_id: str, model_name: str) -> None:
        """Show a prompt, if there is a new one, and the answer that is being waited for."""
        rows = [*self._model.rows]
        self._place.drop()
        if prompt is not None:
            rows.append(Row(prompt, self._who(prompt)))
        waiting = Message(
            id=answer_id,
            parent=prompt.id if prompt else None,
            role=Role.ASSISTANT,
            parts=(),
            status=Status.STREAMING,
            created_at=now(),
        )
        self._live = Row(waiting, model_name, live=True)
        self._thinking_since = self._retry_until = None
        rows.append(self._live)
        self._list.to_end()
        self._list.change(lambda: self._model.replace(rows))
        self._actions.busy = True
        self._actions.show_at(None, "")
        self._clock.start()

    def go_to(self, message_id: str) -> None:
        """Bring a message into view and put the keyboard on it."""
        for place, row in enumerate(self._model.rows):
            if row.id == message_id:
                self._list.setCurrentIndex(self._model.index(place))
                self._list.scrollTo(self._model.index(place))

    def text(self, delta: str) -> None:
        """More of the answer."""
        self._batcher.text(delta)

    def reasoning(self, delta: str) -> None:
        """More of what the model thinks."""
        if self._thinking_since is None:
            self._thinking_since = time.monotonic()
        self._batcher.reasoning(delta)

    def so_far(self, text: str, reasoning: str) -> None:
        """What came of the answer before it was shown here."""
        if text or reasoning:
            self._grow(text, reasoning)

    def retrying(self, wait: RetryWait) -> None:
        """The request failed before it began and is tried again: say so, and count down."""
        self._retry_until = (time.monotonic() + wait.wait_s, wait)
        self._tick()

    def notice(self, text: str) -> None:
        """A muted line with the answer that is being made."""
        row = self._live or self._model.last
        if row is not None and text not in row.notices:
            self._change(row, lambda: row.notices.append(text))

    def end(self, message: Message) -> None:
        """The answer as it ended."""
        self._batcher.flush()
        self._clock.stop()
        row, self._live = self._live, None
        self._actions.busy = False
        if row is not None:
            self._retry_until = None
            self._change(row, lambda: row.become(message))
        self._place.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at its corner."""
        super().resizeEvent(event)
        self._end.adjustSize()
        self._end.move((self.width() - self._end.width()) // 2, self.height() - self._end.height() - 12)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the actions away when the mouse leaves the list."""
        leaves = event.type() == QEvent.Type.Leave and watched is self._list.viewport()
        if leaves and not self._actions.underMouse():
            self._hover(self._list.current_row() if self._list.hasFocus() else None)
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        self._list.hovered.connect(self._hover)
        self._list.fold_wanted.connect(self._fold)
        self._list.menu_wanted.connect(self._actions.menu)
        self._list.moved.connect(self._moved)
        self._list.at_end_changed.connect(self._at_end_changed)
        self._list.viewport().installEventFilter(self)
        self._end.clicked.connect(self._list.to_end)
        self._actions.wanted.connect(self._act)
        self._place.card.retry.connect(self.regenerate_wanted)
        self._place.card.continue_.connect(self.continue_wanted)
        self._batcher.ready.connect(self._grow)
        self._clock.timeout.connect(self._tick)
        self._themes.changed.connect(self._themed)

    def _who(self, message: Message) -> str:
        if message.role is Role.USER:
            return "You"
        return self._name_of(message.model) if message.model else "Answer"

    @Slot(str, str)
    def _grow(self, text: str, reasoning: str) -> None:
        row = self._live
        if row is None:
            return
        if text and row.thought_s is None and self._thinking_since is not None:
            row.thought_s = time.monotonic() - self._thinking_since
        if self._retry_until is not None:
            self._retry_until, row.waiting = None, ""
        self._change(row, lambda: row.grow(text, reasoning))

    def _change(self, row: Row, what: Callable[[], None]) -> None:
        """Change a row; the list is laid out again only where its height changed."""
        before = self._painter.geometry(row).height
        what()
        row.changed()
        if self._painter.geometry(row).height != before:
            self._list.change(lambda: None)
        self._model.tell(row)

    @Slot(object)
    def _fold(self, row: Row) -> None:
        def turn() -> None:
            row.unfolded = not row.unfolded
            row.changed()

        self._list.change_in_place(row, turn)
        self._model.tell(row)

    @Slot(object)
    def _hover(self, row: Row | None) -> None:
        self._actions.show_at(row, self._figures_of(row.message) if row and not row.is_prompt else "")

    @Slot()
    def _moved(self) -> None:
        self._actions.place()
        self._place.place()

    @Slot(bool)
    def _at_end_changed(self, at_end: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._end.setVisible(not at_end)
        self._end.raise_()

    @Slot(str, object)
    def _act(self, name: str, row: Row) -> None:
        match name:
            case actions.COPY:
                self._list.copy(row)
            case actions.EDIT:
                self.edit_wanted.emit(row.id)
            case actions.REGENERATE:
                self.regenerate_wanted.emit()
            case actions.CONTINUE:
                self.continue_wanted.emit()
            case _:
                self.branch_wanted.emit(row.id, 1 if name == actions.NEXT else -1)

    @Slot()
    def _tick(self) -> None:
        row = self._live
        if row is None or self._retry_until is None:
            return
        until, wait = self._retry_until
        left = math.ceil(max(until - time.monotonic(), 0))
        when = f"Trying again in {left} s" if left else "Trying again"
        line = f"{when} ({wait.reason})."
        if line != row.waiting:

            def say() -> None:
                row.waiting = line

            self._change(row, say)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._painter.theme = theme
        self._end.setIcon(icon("arrow-down", theme.text, 16))
        self._actions.themed(theme)
        self._list.viewport().update()
