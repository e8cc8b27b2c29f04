"""The transcript's door: messages in, what the reader wants out."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.domain import Message, ModelRef, Role, Status, now
from desktop.events import RetryWait
from ui.icons import icon
from ui.theme import Theme, Themes
from ui.transcript import actions
from ui.transcript.actions import MessageActions
from ui.transcript.announcer import Announcer
from ui.transcript.card_place import CardPlace
from ui.transcript.countdown import Countdown
from ui.transcript.find_bar import FindBar
from ui.transcript.idle import IdleWork
from ui.transcript.links import ask_and_open
from ui.transcript.list import MessageList
from ui.transcript.look import Look
from ui.transcript.model import RowsModel
from ui.transcript.outline import Heading
from ui.transcript.reading import Reader
from ui.transcript.rows import Row
from ui.transcript.scheduler import Scheduler
from ui.transcript.scribe import Scribe
from ui.transcript.turns import Turns

Branches = Mapping[str, tuple[int, int]]
"""By a message's id: which of its versions it is, from 1, and how many there are."""

_NONE: Branches = {}
_DRAW_S, _PIECE = 0.004, 1_000
"""What one drawing may take before the rest of what came waits, and characters that are drawn at once."""

_SHELVED = 3
"""Conversations whose rows are kept after another one is shown."""


class TranscriptView(QWidget):
    """The messages of one conversation. Signals carry the id of the message that they are about."""

    edit_wanted = Signal(str)
    regenerate_wanted = Signal()
    continue_wanted = Signal()
    branch_wanted = Signal(str, int)

    def __init__(
        self,
        themes: Themes,
        scheduler: Scheduler,
        name_of: Callable[[ModelRef], str],
        figures_of: Callable[[Message], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._scheduler = scheduler
        self._name_of = name_of
        self._figures_of = figures_of
        self._live: Row | None = None
        self._shelf: dict[str, Sequence[Row]] = {}  # rows of conversations shown before, by their first message
        self._gathered: tuple[list[str], list[str]] = ([], [])
        self._left = ["", ""]  # what was gathered and not drawn, of text and of thoughts
        self._thinking_since: float | None = None
        self._model = RowsModel(self)
        self._scribe = Scribe(Look.of(themes.current, self.font()), self.devicePixelRatioF())
        self._list = MessageList(self._model, self._scribe.look, self)
        self._actions = MessageActions(self._list, self._model, themes.current)
        self._place = CardPlace(self._list, self._model, self)
        self._announcer = Announcer(self._list)
        self._find = FindBar(self._list, self._model, themes.current, self)
        self.turns = Turns(self._list, self._model)
        self._reader = Reader(self)
        self._end = QToolButton(self._list.viewport())  # beside it, it would cover what scrolls: all were painted anew
        self._end.setAccessibleName("Back to the end")
        self._end.setToolTip("Back to the end")
        self._end.hide()
        self._countdown = Countdown(self)
        self._idle = IdleWork(self._scribe, self._list, self._model)
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

    @property
    def is_shown(self) -> bool:
        """Whether anybody sees it."""
        return self.isVisible() and not self.window().isMinimized()

    def show_messages(self, messages: Sequence[Message], branches: Branches = _NONE) -> None:
        """Show a conversation's path; rows that are there already stay as they are."""
        self._forget_gathered()
        self._live = None
        self._actions.busy = False
        self._countdown.stop()
        known = {row.id: row for row in (*self._model.rows, *self._shelf.get(_root(messages), ()))}
        rows: list[Row] = []
        shown = {row.id for row in self._model.rows}
        fresh = not any(message.id in shown for message in messages)
        for message in messages:
            row = known.get(message.id)
            if row is None or row.live:
                row = Row(message, self._who(message), self._scribe)
            elif row.message != message:
                row.become(message)
            row.branch = branches.get(message.id, (1, 1))
            if row.footer_height:
                row.footer_height = 0
                row.parts.changed()
            rows.append(row)
        if fresh:
            self._put_on_shelf()
            self._reader.close_reader()
            self._list.select(None)
            self._announcer.forget()
        self._replace(rows, follow=fresh)
        self._place.place()
        self._actions.show_at(None, "")

    def begin(self, prompt: Message | None, answer_id: str, model_name: str) -> None:
        """Show a prompt, if there is a new one, and the answer that is being waited for."""
        rows = [*self._model.rows]
        self._place.drop()
        if prompt is not None:
            rows.append(Row(prompt, self._who(prompt), self._scribe))
        waiting = Message(
            id=answer_id,
            parent=prompt.id if prompt else None,
            role=Role.ASSISTANT,
            parts=(),
            status=Status.STREAMING,
            created_at=now(),
        )
        self._forget_gathered()
        self._live = Row(waiting, model_name, self._scribe, live=True)
        self._thinking_since = None
        self._countdown.stop()
        rows.append(self._live)
        self._replace(rows, follow=True)
        self._actions.busy = True
        self._actions.show_at(None, "")

    def go_to(self, message_id: str) -> None:
        """Bring a message into view and put the keyboard on it."""
        for place, row in enumerate(self._model.rows):
            if row.id == message_id:
                self._list.setCurrentIndex(self._model.index(place))
                self._list.scrollTo(self._model.index(place))

    @Slot()
    def open_find(self) -> None:
        """Open the bar that finds words, with those that are marked."""
        self._find.open(self._list.selected_text)

    def text(self, delta: str) -> None:
        """More of the answer."""
        if self._live is not None:
            self._gathered[0].append(delta)
            self._scheduler.gathered(self)

    def reasoning(self, delta: str) -> None:
        """More of what the model thinks."""
        if self._live is None:
            return
        if self._thinking_since is None:
            self._thinking_since = time.monotonic()
        self._gathered[1].append(delta)
        self._scheduler.gathered(self)

    def so_far(self, text: str, reasoning: str) -> None:
        """What came of the answer before it was shown here."""
        self._left = [text, reasoning]
        if self.draw_gathered():
            self._scheduler.gathered(self)

    def draw_gathered(self) -> bool:
        """Show what came since it was last drawn, as far as a frame has room; whether some is left."""
        until = time.perf_counter() + _DRAW_S
        self._left = [left + "".join(more) for left, more in zip(self._left, self._gathered, strict=True)]
        self._gathered = ([], [])
        while any(self._left):
            text, reasoning = (left[:_PIECE] for left in self._left)
            self._left = [left[_PIECE:] for left in self._left]
            self._grow(text, reasoning)
            self._announcer.more(text)
            if time.perf_counter() > until:
                break
        return any(self._left)

    def retrying(self, wait: RetryWait) -> None:
        """The request failed before it began and is tried again: say so, and count down."""
        self._countdown.start(wait)

    def notice(self, text: str) -> None:
        """A muted line with the answer that is being made."""
        row = self._live or self._model.last
        if row is not None and text not in row.notices:
            self._change(row, lambda: row.notices.append(text))

    def end(self, message: Message) -> None:
        """The answer as it ended."""
        self.draw_gathered()  # what does not fit into a frame is not drawn piece by piece any more
        self._forget_gathered()
        self._announcer.end()
        self._countdown.stop()
        row, self._live = self._live, None
        self._actions.busy = False
        if row is not None:
            self._change(row, lambda: row.become(message))
        self._place.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at its corner."""
        super().resizeEvent(event)
        self._place_end()
        self._reader.setGeometry(self.rect())
        self._find.move(max(self.width() - self._find.width() - 18, 4), 8)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what gathered while nobody saw it."""
        super().showEvent(event)
        self._scheduler.shown(self)

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
        self._list.link_wanted.connect(self._open_link)
        self._list.open_wanted.connect(self._read)
        self._reader.closed.connect(self._list.setFocus)
        self._list.moved.connect(self._moved)
        self._list.at_end_changed.connect(self._at_end_changed)
        self._list.viewport().installEventFilter(self)
        self._find.closed.connect(self._list.setFocus)
        self._end.clicked.connect(self._list.to_end)
        self._actions.heading_wanted.connect(self._go_to_heading)
        self._actions.wanted.connect(self._act)
        self._place.card.retry.connect(self.regenerate_wanted)
        self._place.card.continue_.connect(self.continue_wanted)
        self._countdown.said.connect(self._say_waiting)
        self._idle.unrolled.connect(self._find.unrolled)
        self._themes.changed.connect(self._themed)

    def _who(self, message: Message) -> str:
        if message.role is Role.USER:
            return "You"
        return self._name_of(message.model) if message.model else "Answer"

    def _replace(self, rows: Sequence[Row], *, follow: bool) -> None:
        same = self._model.replace(rows)
        if follow:
            self._list.follow()
        self._list.rows_replaced(same)
        self._find.rows_changed()

    def _put_on_shelf(self) -> None:
        """Keep the rows that go, for when their conversation comes back soon."""
        rows = self._model.rows
        if rows:
            self._shelf.pop(rows[0].id, None)
            self._shelf[rows[0].id] = rows
        while len(self._shelf) > _SHELVED:
            del self._shelf[next(iter(self._shelf))]

    def _forget_gathered(self) -> None:
        self._gathered, self._left = ([], []), ["", ""]
        self._scheduler.forget(self)

    def _grow(self, text: str, reasoning: str) -> None:
        row = self._live
        if row is None:
            return
        if text and row.thought_s is None and self._thinking_since is not None:
            row.thought_s = time.monotonic() - self._thinking_since
        if row.waiting:
            self._countdown.stop()
            row.waiting = ""
            row.parts.changed()
        row.grow(text, reasoning)
        self._list.row_grew(self._model.number(row))
        self._model.tell(row)

    def _change(self, row: Row, what: Callable[[], None]) -> None:
        """Change what stands around a row's text."""
        what()
        row.parts.changed()
        self._list.row_changed(self._model.number(row))
        self._model.tell(row)

    @Slot(object)
    def _fold(self, row: Row) -> None:
        self._list.change_in_place(self._model.number(row), row.toggle)
        self._model.tell(row)

    @Slot(object, object)
    def _go_to_heading(self, row: Row, heading: Heading) -> None:
        y = row.slabs[heading.slab].segment_top(heading.segment, self._list.column[1])
        self._list.show_slab(self._model.number(row), heading.slab, y)

    @Slot(object)
    def _read(self, row: Row) -> None:
        self._reader.read(row, self._list.column[0])
        self._idle.wake()

    @Slot(str)
    def _open_link(self, url: str) -> None:
        ask_and_open(url, self)

    @Slot(object)
    def _hover(self, row: Row | None) -> None:
        self._actions.show_at(row, self._figures_of(row.message) if row and not row.is_prompt else "")

    @Slot()
    def _moved(self) -> None:
        self._place_end()
        self._idle.wake()
        self._actions.place()
        self._place.follow()

    def _place_end(self) -> None:
        """Keep the button at its place while the text moves below it."""
        around = self._list.viewport().size()
        self._end.move((around.width() - self._end.width()) // 2, around.height() - self._end.height() - 12)

    @Slot(bool)
    def _at_end_changed(self, at_end: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._end.adjustSize()
        self._end.setVisible(not at_end)
        self._end.raise_()
        self._place_end()

    @Slot(str, object)
    def _act(self, name: str, row: Row) -> None:
        match name:
            case actions.COPY:
                self._list.copy(row)
            case actions.MARKDOWN:
                self._list.copy_markdown() if self._list.selection else self._list.copy(row)
            case actions.READ:
                self._read(row)
            case actions.EDIT:
                self.edit_wanted.emit(row.id)
            case actions.REGENERATE:
                self.regenerate_wanted.emit()
            case actions.CONTINUE:
                self.continue_wanted.emit()
            case _:
                self.branch_wanted.emit(row.id, 1 if name == actions.NEXT else -1)

    @Slot(str)
    def _say_waiting(self, sentence: str) -> None:
        row = self._live
        if row is not None:
            self._change(row, lambda: setattr(row, "waiting", sentence))

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._shelf.clear()
        self._scribe.restyle(Look.of(theme, self.font()), self.devicePixelRatioF())
        self._list.set_look(self._scribe.look)
        self._end.setIcon(icon("arrow-down", theme.text, 16))
        self._actions.themed(theme)
        self._find.themed(theme)


def _root(messages: Sequence[Message]) -> str:
    return messages[0].id if messages else ""
