"""Streaming response: collects text, and draws it at the display's rate within the frame budget."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.domain.conversation_types import Message
from desktop.domain.events import RetryWait, ToolAnswered, ToolCalled, ToolWaiting
from desktop.domain.message_parts import Part, ReasoningPart, TextPart, words
from desktop.metrics.pace import Pace
from ui.base.strings import tr
from ui.transcript.announcer import Announcer, Floor
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.row import LONGEST_END, Row
from ui.transcript.message.tool_card import last_card, placed_cards

ToolEvent = ToolCalled | ToolWaiting | ToolAnswered

_DRAW_S, _PIECE = 0.004, 1_000
"""Maximum time in seconds for drawing, and number of characters that are drawn at once."""


class LiveAnswer(QObject):
    """Appends a streaming response to the last row of a list."""

    waited = Signal()
    """Emitted when waiting for a retry begins or ends."""

    def __init__(
        self, messages: MessageList, model: RowsModel, scheduler: FrameScheduler, floor: Floor | None = None
    ) -> None:
        super().__init__(messages)
        self._list = messages
        self._model = model
        self._scheduler = scheduler
        self.announcer = Announcer(messages, floor)
        self._gathered: tuple[list[str], list[str]] = ([], [])
        self._left = ["", ""]  # what was gathered and not drawn, of text and of thoughts
        self._thinking_since: float | None = None
        self._thought_s: float | None = None
        self._tools: deque[tuple[int, ToolEvent]] = deque()
        """Events of tools that are not shown yet, with the number of characters of text that came before each."""
        self._drawn = 0  # so many characters of text were taken to be drawn
        self._is_ending = False
        self._known = 0  # so many characters that are still to be drawn are told already
        self.row: Row | None = None
        """The row that grows; None between answers."""
        messages.destroyed.connect(partial(scheduler.forget, self))  # other panes have the scheduler too

    @property
    def is_shown(self) -> bool:
        """Whether the list is visible."""
        return self._list.isVisible() and not self._list.window().isMinimized()

    def begin(self, row: Row) -> None:
        """Start a response in this row."""
        self.forget()
        self.row = row
        self.announcer.begin(row.said)

    def text(self, delta: str) -> None:
        """Add text to the response."""
        if self.row is not None:
            if self._thinking_since is not None and self._thought_s is None:
                self._thought_s = time.monotonic() - self._thinking_since
            self._gathered[0].append(delta)
            self._scheduler.gathered(self)

    def reasoning(self, delta: str) -> None:
        """Add text to the reasoning."""
        if self.row is None:
            return
        if self._thinking_since is None:
            self._thinking_since = time.monotonic()
        self._gathered[1].append(delta)
        self._scheduler.gathered(self)

    def tool(self, event: ToolEvent) -> None:
        """Show what happens to a tool call, after the text that came before it."""
        if self.row is None:
            return
        if self._thinking_since is not None and self._thought_s is None:
            self._thought_s = time.monotonic() - self._thinking_since
        self._gather()
        self._tools.append((self._drawn + len(self._left[0]), event))
        self._scheduler.gathered(self)

    def so_far(self, parts: Sequence[Part], pace: Pace) -> None:
        """Show the text and the tool calls that arrived before this conversation became visible."""
        self._thinking_since = pace.thinking
        self._thought_s = None if pace.thinking is None or pace.spoke is None else pace.thought_s(pace.spoke)
        text = words(parts, TextPart)
        self._left = [text, words(parts, ReasoningPart)]
        self._known = len(text)
        self.announcer.known(text)
        for card in placed_cards(parts):
            self._tools.append((card.at, ToolCalled(call=card.call)))
            if card.result is not None:
                self._tools.append((card.at, ToolAnswered(call=card.call, result=card.result)))
        if self.draw_gathered():
            self._scheduler.gathered(self)

    def retrying(self, wait: RetryWait | None) -> None:
        """Set the pending retry; None if there is none."""
        row = self.row
        if row is not None and row.wait is not wait:
            row.wait = wait
            self.waited.emit()
            if wait is not None:
                self._model.tell(row)
                from ui.transcript.error_card import countdown  # it is shown now, and seldom

                self.announcer.aside(f"{tr(wait.reason)} {countdown(wait.wait_s, armed=False)}")

    def shown(self) -> None:
        """Draw pending text after the list became visible."""
        self._scheduler.shown(self)

    def draw_gathered(self) -> bool:
        """Draw pending text for a limited time. Returns whether some text is left."""
        until = time.perf_counter() + _DRAW_S
        self._gather()
        while any(self._left) or self._tools:
            most = min(self._tools[0][0] - self._drawn, _PIECE) if self._tools else _PIECE
            if most <= 0:
                self._show_tool(self._tools.popleft()[1])
                continue
            text, reasoning = self._left[0][:most], self._left[1][:_PIECE]
            self._left = [self._left[0][most:], self._left[1][_PIECE:]]
            self._drawn += len(text)
            self._grow(text, reasoning)
            self._tell(text)
            if time.perf_counter() > until:
                break
        return any(self._left) or bool(self._tools)

    def ending(self) -> None:
        """Prepare for the end of the response, so that pending text is drawn with the final message."""
        if self.row is not None and not self._is_ending:  # a server may say so with every token
            self._is_ending = True
            self._scheduler.postpone(self)

    def end(self, message: Message) -> None:
        """Show the final message. If much text is pending, draw it first."""
        self._gather()
        if any(len(remainder) > LONGEST_END for remainder in self._left):
            self.draw_gathered()
        while self._tools:
            self.draw_gathered()
        remainder, row = self._left[0], self.row
        if row is not None:
            if remainder and row.thought_s is None:
                row.thought_s = self._thought_s
            stays, number = row.become(message), self._model.number(row)
            self._list.row_grew(number) if stays and not row.cards else self._list.row_changed(number)
            self._model.tell(row)
            self._tell(remainder)
            self.announcer.end(row.below or tr("The response is complete."))
        self.forget()

    def forget(self) -> None:
        """Stop appending to the list."""
        self.announcer.forget()
        self.retrying(None)
        self._gathered, self._left, self._known = ([], []), ["", ""], 0
        self._tools.clear()
        self._drawn = 0
        self._thinking_since = self._thought_s = None
        self._is_ending = False
        self._scheduler.forget(self)
        self.row = None

    def change(self, row: Row, what: Callable[[], None]) -> None:
        """Call `what`, which changes something around a row's text, and update the row."""
        what()
        row.parts.changed()
        self._list.row_changed(self._model.number(row))
        self._model.tell(row)

    def _gather(self) -> None:
        self._left = [left + "".join(more) for left, more in zip(self._left, self._gathered, strict=True)]
        self._gathered = ([], [])

    def _show_tool(self, event: ToolEvent) -> None:
        """Add a card to the row, or change one, and announce its state."""
        row = self.row
        if row is None:
            return
        self.retrying(None)
        number = self._model.number(row)
        match event:
            case ToolCalled(call=call):
                if self._thought_s is not None and row.thought_s is None:
                    row.thought_s = self._thought_s
                row.call_tool(call)
                self._list.row_changed(number)
                self.announcer.more("\n\n")  # what was said before it is complete
            case ToolWaiting(call=call, waiting=waiting):
                card = row.await_approval(call, waiting=waiting)
                self._list.row_changed(number)
                if card is not None and waiting:
                    self.announcer.aside(tr("Waiting for approval: {tool}", tool=card.name))
            case ToolAnswered(call=call, result=result):
                self._list.change_card(number, partial(row.answer_tool, call, result))
                if (card := last_card(row.cards, call.id)) is not None:
                    self.announcer.aside(card.spoken(live=True))
        self._model.tell(row)

    def _tell(self, text: str) -> None:
        known = min(self._known, len(text))
        self._known -= known
        self.announcer.more(text[known:])

    def _grow(self, text: str, reasoning: str) -> None:
        row = self.row
        if row is None:
            return
        if text and row.thought_s is None:
            row.thought_s = self._thought_s
        self.retrying(None)
        row.grow(text, reasoning)
        self._list.row_grew(self._model.number(row))
        self._model.tell(row)
