"""Transcript of a conversation: the public interface that shows messages and reports what the reader does."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Message, ModelRef, Role, Status, now
from desktop.domain.events import RetryWait
from desktop.domain.message_parts import Part
from desktop.metrics.pace import Pace
from ui.base.strings import tr
from ui.base.text_size import TextSize
from ui.base.theme import Theme, Themes
from ui.transcript.action_bar import ActionBar
from ui.transcript.announcer import Floor
from ui.transcript.error_card_place import ErrorCardPlace
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.idle_work import IdleWork
from ui.transcript.jump_buttons import EndButton, StartButton
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.row_caches import RowCache
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.live_answer import LiveAnswer, ToolEvent
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import Row
from ui.transcript.message.segment_builder import Holder, SegmentBuilder
from ui.transcript.message.shown import ONLY_VERSION, Version
from ui.transcript.message.tool_card import last_card
from ui.transcript.message_commands import MessageCommands
from ui.transcript.text.drawings import Drawings
from ui.transcript.text.look import Look
from ui.transcript.turns import Turns
from ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from ui.attachments.attached_looks import AttachedLooks
    from ui.transcript.caret_reader import CaretReader
    from ui.transcript.error_card import ErrorCard
    from ui.transcript.find_bar import FindBar

LIFE_MS = 1_800
_INSET = 12
"""Distance from the edges in pixels."""


class CopiedNote(QLabel):
    """Note in the corner of the viewport that ignores the mouse."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._timer = QTimer(self, singleShot=True, interval=LIFE_MS)
        self._timer.timeout.connect(self.hide)
        self.setProperty("role", "note")
        self.setText(tr("Copied"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @Slot(bool)
    def say(self, taken: bool = True) -> None:  # noqa: FBT001, FBT002 - a slot
        """Show and announce whether copying succeeded. Another call shows the note for longer."""
        self.setText(tr("Copied") if taken else tr("Not copied: another program is using the clipboard. Try again."))
        self._timer.start()
        self.adjustSize()
        self.show()
        self.raise_()
        self.place()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._viewport, self.text()))

    @Slot()
    def place(self) -> None:
        """Move the note into its corner, for example after scrolling."""
        if self.isHidden():
            return
        around = self._viewport.rect().adjusted(_INSET, _INSET, -_INSET, -_INSET)
        x = around.right() - self.width() if self.isLeftToRight() else around.left()
        self.move(x, around.bottom() - self.height())


_MOST = 200
"""Number of conversations whose reading positions are remembered."""

Place = tuple[int, int]
"""Reading position: a turn and its height, as in Turns."""


class LeftPlaces:
    """Stores reading positions by first message. A conversation left at its end has none."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._whole: Place | None = None
        self.stays = False
        """Whether the reader has not scrolled since the responses were collapsed."""

    def leave(self, rows: Sequence[Row], place: Place | None) -> None:
        """Store the reading position before other rows are shown."""
        self.stays = False
        if not rows:
            return
        self._places.pop(rows[0].id, None)
        if place is not None:
            self._places[rows[0].id] = place
        while len(self._places) > _MOST:
            del self._places[next(iter(self._places))]

    def of(self, rows: Sequence[Row]) -> Place | None:
        """Return the reading position stored for these rows, or None."""
        return self._places.get(rows[0].id) if rows else None

    def fold(self, place: Place | None) -> None:
        """Store the reading position before responses are collapsed."""
        self._whole, self.stays = place, True

    def move(self) -> None:
        """Record that the reader has scrolled since the responses were collapsed."""
        self.stays = False

    def unfold(self, show: Callable[[int, int], None], to_end: Callable[[], None]) -> None:
        """Return to the reading position from before the responses were collapsed."""
        if self._whole is None:
            to_end()
        else:
            show(*self._whole)


def find_bar(view: QWidget, messages: MessageList, model: RowsModel, theme: Theme, idle: IdleWork) -> FindBar:
    """Return a new find bar in the corner of the view."""
    from ui.transcript.find_bar import FindBar

    bar = FindBar(messages, model, theme, view)
    place_find(view, bar)
    idle.unrolled.connect(bar.unrolled)
    return bar


def caret_reader(view: QWidget, messages: MessageList, idle: IdleWork) -> CaretReader:
    """Return a new caret reader that covers the view."""
    from ui.transcript.caret_reader import CaretReader

    reader = CaretReader(view)
    reader.setGeometry(view.rect())
    reader.closed.connect(messages.setFocus)
    reader.waits.connect(idle.wake)
    return reader


def place_find(view: QWidget, bar: FindBar) -> None:
    """Move the find bar into its corner."""
    bar.move(max(view.width() - bar.width() - 18, 4), 8)


Branches = Mapping[str, Version]
"""Versions of messages that have several, by message ID."""

_NONE: Branches = {}

_COLOURS_MS = 250
"""Delay before colors are repainted while a response streams, because its own updates usually include them."""


class TranscriptView(QWidget):
    """Widget that shows the messages of one conversation. Signals carry the ID of the message."""

    edit_wanted = Signal(str)
    regenerate_wanted = Signal()
    continue_wanted = Signal()
    hurry_wanted = Signal()
    """Emitted when the user wants to retry without waiting."""
    connection_wanted = Signal()
    model_wanted = Signal()
    """Emitted when the user wants to choose another model after a failure."""
    branch_wanted = Signal(str, int)
    files_asked = Signal(object, int, object)
    """Emitted with attachments, the index of one to open, and a QPoint if its menu is requested instead."""
    brief_wanted = Signal(int)
    """Emitted with the turn, from 0, of a collapsed response that is to be expanded."""

    def __init__(
        self,
        themes: Themes,
        scheduler: FrameScheduler,
        name_of: Callable[[ModelRef], str],
        figures_of: Callable[[Message], str],
        drawings: Drawings | None = None,
        text_size: TextSize | None = None,
        floor: Floor | None = None,
        looks: Callable[[], AttachedLooks] | None = None,
        parent: QWidget | None = None,
        *,
        fixed: bool = False,
    ) -> None:
        """Create the view. If `fixed`, nothing can be edited or regenerated."""
        super().__init__(parent)
        self._themes = themes
        self._name_of = name_of
        self._prompts_only = self._folds_first = False
        self._talk = ""
        self._here = -1
        """The row that the keyboard had, of an answer whose place another one takes now."""
        self._left_places = LeftPlaces()
        self._shelf = RowCache()
        self._model = RowsModel(self)
        self._text_size = text_size or TextSize(self)
        self._font = QFont(self.font())  # the start's: when the system's colours change, Qt may say another
        look = Look.of(themes.current, self._font, self._text_size.scale, self._text_size.widest)
        self._builder = SegmentBuilder(look, self.devicePixelRatioF(), drawings)
        self._colours_timer = QTimer(self, interval=_COLOURS_MS, singleShot=True)
        self._list = MessageList(self._model, self._builder.look, self, drawings)
        self.cover, self.ground = self._list.cover, self._list.viewport()
        self._builder.know_files(looks, self._list.viewport())
        self._growing = LiveAnswer(self._list, self._model, scheduler, floor)
        self.announcer, self.ending = self._growing.announcer, self._growing.ending
        self._actions = ActionBar(self._list, self._model, themes.current, fixed=fixed)
        self._place = ErrorCardPlace(self._list, self._model, OnDemand(partial(_error_card, self)), self)
        self._find = OnDemand(lambda: find_bar(self, self._list, self._model, themes.current, self._idle))
        self.turns = Turns(self._list, self._model)
        self._reader = OnDemand(lambda: caret_reader(self, self._list, self._idle))
        self._end = EndButton(self._list.viewport())
        self._start = StartButton(self._list.viewport())
        for button in (self._start, self._end):
            button.installEventFilter(self._actions)
        self._copied = CopiedNote(self._list.viewport())
        self._idle = IdleWork(self._builder, self._list, self._model)
        self.handling = MessageCommands(self._list, self._model, self._actions, self._reader, figures_of)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list)
        self.setFocusProxy(self._list)
        self._connect()
        self._themed(themes.current)

    @property
    def rows(self) -> Sequence[Row]:
        """The displayed rows."""
        return self._model.rows

    @property
    def at_end(self) -> bool:
        """Whether the end of the conversation is visible."""
        return self._list.at_end

    @property
    def focused_row(self) -> Row | None:
        """The focused message, or None."""
        return self._list.current_row()

    @property
    def prompts_only(self) -> bool:
        """Whether responses are collapsed to one line."""
        return self._prompts_only

    def show_messages(
        self, messages: Sequence[Message], branches: Branches = _NONE, *, talk: str = "", answers: bool = False
    ) -> None:
        """Show the messages on a path of a conversation, reusing existing rows."""
        self._growing.forget()
        self._actions.busy = False
        shown = {row.message.id: row for row in self._model.rows}
        known = shown | {row.message.id: row for row in self._shelf.rows(messages[0].id if messages else "")}
        apart = shown.keys().isdisjoint(message.id for message in messages)
        fresh = apart and not (shown and talk and talk == self._talk)  # where the first prompt is another version
        self._talk = talk
        rows, changed = list[Row](), False
        authors: dict[Role | ModelRef | None, str] = {}
        for message in messages:
            row = known.get(message.id)
            if row is None or row.live:
                by = Role.USER if message.role is Role.USER else message.model
                author = authors.get(by) or authors.setdefault(by, self._who(message))
                row = Row(message, author, self._builder)
            elif row.message != message:
                row.author = self._who(message)
                row.become(message)
                changed = True
            brief = self._is_brief(row)
            changed = row.take_place(branches.get(message.id, ONLY_VERSION), brief=brief) or changed
            rows.append(row)
        if fresh:
            self._left_places.leave(self._model.rows, None if self._list.at_end else self.turns.top)
            self._shelf.put(self._model.rows)
            if reader := self._reader.made:
                reader.close_reader()
            if bar := self._find.made:
                bar.forget()
        if apart:
            self._list.select(None)
        here = self._list.currentIndex().row()
        self._here = here if answers and not fresh and here >= len(rows) else -1
        if self._here >= 0:
            self._list.setCurrentIndex(QModelIndex())  # else Qt goes to the prompt above, and has it read
        self._replace(rows, follow=fresh, changed=changed)
        if fresh and (place := self._left_places.of(rows)) is not None:
            self.turns.show(*place)
        if not fresh and 0 <= here < len(rows):
            self._list.setCurrentIndex(self._model.index(here))  # on the version that stands there now
        self._place.place()
        self._actions.show_at(None, "")

    def begin(self, prompt: Message | None, answer_id: str, model_name: str, branches: Branches = _NONE) -> None:
        """Show a new prompt, if there is one, and a row for the expected response."""
        rows = [*self._model.rows]
        self._place.drop()
        if prompt is not None:
            branch = branches.get(prompt.id, ONLY_VERSION)
            rows.append(Row(prompt, self._who(prompt), self._builder, branch=branch))
        waiting = Message(
            id=answer_id,
            parent=prompt.id if prompt else None,
            role=Role.ASSISTANT,
            parts=(),
            status=Status.STREAMING,
            created_at=now(),
        )
        live = Row(waiting, model_name, self._builder, live=True, branch=branches.get(answer_id, ONLY_VERSION))
        self._growing.begin(live)
        rows.append(live)
        self._replace(rows, follow=True)
        prompts = [number for number, row in enumerate(rows) if row.is_prompt]
        if prompts and not self._prompts_only:
            self._list.lead(prompts[-1])
        if self._here >= 0:
            self._list.setCurrentIndex(self._model.index(min(self._here, len(rows) - 1)))
            self._here = -1
        self._actions.busy = True
        self._actions.show_at(None, "")

    def go_to(self, message_id: str) -> None:
        """Scroll to a message and focus it."""
        for place, row in enumerate(self._model.rows):
            if row.id == message_id:
                self._list.setCurrentIndex(self._model.index(place))
                self._list.scrollTo(self._model.index(place))

    def go_to_call(self, message_id: str, call_id: str) -> None:
        """Scroll to the card of a tool call, unfolded, and focus its message."""
        self.go_to(message_id)
        for place, row in enumerate(self._model.rows):
            card = last_card(row.cards, call_id) if row.id == message_id else None
            if card is not None:
                self._list.show_card(place, card)

    def mark(self, message_id: str, words: str) -> None:
        """Scroll to words in a message, and highlight them as the find bar does."""
        row = next((place for place, row in enumerate(self._model.rows) if row.id == message_id), -1)
        self._find().mark(words, row)

    def unmark(self) -> None:
        """Remove the highlights made by `mark`, unless the find bar is open."""
        bar = self._find.made
        if bar and not bar.isVisible():
            bar.forget()

    @Slot(int)
    def turn_page(self, key: int) -> None:
        """Scroll as a navigation key (Qt.Key) does, without moving the focus."""
        match key:
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self._list.turn_page(-1 if key == Qt.Key.Key_PageUp else 1)
            case Qt.Key.Key_Home:
                self._list.scrollTo(self._model.index(0))
            case Qt.Key.Key_End:
                self._list.to_end()
            case _:
                pass

    @Slot()
    def to_answer(self) -> None:
        """Scroll to the start of the last response."""
        last = self._model.last
        if last is not None and not last.is_prompt:
            self._list.go_to_row(self._model.number(last))

    @Slot()
    def to_end(self) -> None:
        """Scroll to the end of the last response, and follow it while it grows."""
        self._list.to_end()

    def _place_start(self) -> None:
        last = self._model.last
        self._start.place(0 if last is None or last.is_prompt else self._list.row_top(last))

    @Slot()
    def open_find(self) -> None:
        """Open the find bar with the selected words."""
        self._find().open(self._list.selected_text)

    def fold_first(self, *, on: bool) -> None:
        """Collapse the first prompt to one line, or expand it, as a click on the line does."""
        if self._folds_first is not on:
            self._folds_first = on
            for row in self._model.rows:
                row.make_brief(on=self._is_brief(row) and not row.live)
            self._list.rows_replaced(0)

    def _is_brief(self, row: Row) -> bool:
        first = self._folds_first and row.message.parent is None
        return first if row.is_prompt else self._prompts_only

    def set_prompts_only(self, on: bool) -> None:  # noqa: FBT001 - a slot
        """Collapse or expand all responses, preserving the reading position."""
        if self._prompts_only == on:
            return
        self._prompts_only = on
        before, at_end = self.turns.top, self._list.at_end
        for row in self._model.rows:
            row.make_brief(on=self._is_brief(row) and not row.live)
        self._list.rows_replaced(0)
        self._place.place()
        if on:
            self.turns.show(before[0], max(before[1], 0))
            self._left_places.fold(None if at_end else before)
        elif self._left_places.stays:
            self._left_places.unfold(self.turns.show, self._list.to_end)
        else:
            self.turns.show(before[0], max(before[1], 0))

    def text(self, delta: str) -> None:
        """Add text to the response in progress."""
        self._growing.text(delta)

    def reasoning(self, delta: str) -> None:
        """Add text to the reasoning in progress."""
        self._growing.reasoning(delta)

    def tool(self, event: ToolEvent) -> None:
        """Show a tool call of the response in progress, or what happened to it."""
        self._growing.tool(event)

    def so_far(self, parts: Sequence[Part], pace: Pace) -> None:
        """Show the text and the tool calls that arrived before this conversation became visible."""
        self._growing.so_far(parts, pace)

    def retrying(self, wait: RetryWait) -> None:
        """Show a countdown to the pending retry of the request."""
        self._growing.retrying(wait)

    def notice(self, text: str) -> None:
        """Show a muted line below the response in progress."""
        row = self._growing.row or self._model.last
        if row is not None and row.take_notice(text):
            self._growing.change(row, lambda: None)

    def end(self, message: Message) -> None:
        """Show the final response."""
        self._growing.end(message)
        self._actions.busy = False
        self._place.place(ended=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the overlays to their positions."""
        super().resizeEvent(event)
        self._end.place()
        self._place_start()
        self._copied.place()
        self._actions.place()
        if reader := self._reader.made:
            reader.setGeometry(self.rect())
        if bar := self._find.made:
            place_find(self, bar)

    @property
    def holds_keyboard(self) -> bool:
        """Whether the messages, or controls that belong to them, have the focus."""
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the text that arrived while the view was hidden."""
        super().showEvent(event)
        self._growing.shown()

    def _connect(self) -> None:
        self._builder.coloured = self._draw_colours
        self._builder.redraw = self._redraw
        self._builder.is_seen = self._list.shows
        self._colours_timer.timeout.connect(self._list.viewport().update)
        self._list.moved.connect(self._moved)
        self.turns.scrolled.connect(self._left_places.move)
        self._list.at_end_changed.connect(self._end.at_end_changed)
        self._list.brief_wanted.connect(self._brief_wanted)
        self._list.copies.copied.connect(self._copied.say)
        self._end.clicked.connect(self._list.to_end)
        self._start.clicked.connect(self.to_answer)
        self.handling.edit_wanted.connect(self.edit_wanted)
        self.handling.regenerate_wanted.connect(self.regenerate_wanted)
        self.handling.continue_wanted.connect(self.continue_wanted)
        self.handling.branch_wanted.connect(self.branch_wanted)
        self.handling.files_asked.connect(self.files_asked)
        self._growing.waited.connect(self._place.place)
        self._themes.changed.connect(self._themed)
        self._text_size.changed.connect(lambda: self._themed(self._themes.current))
        self._list.zoom_wanted.connect(self._text_size.step)

    def _draw_colours(self) -> None:
        """Repaint code after its colors arrived."""
        if self._growing.row is None:
            self._list.viewport().update()
        elif not self._colours_timer.isActive():
            self._colours_timer.start()

    def _redraw(self, holder: Holder, write: Callable[[], None]) -> None:
        """Call `write`, which inserts pictures of formulas into a slab, preserving the reading position."""
        rows = enumerate(self._model.rows)
        number = next((number for number, row in rows if holder in row.parts.made), None)
        if number is not None and isinstance(holder, BodySlab):
            self._list.redraw_slab(number, holder, write)
            if bar := self._find.made:
                bar.redrawn()
        else:
            write()
            holder.changed()

    def _who(self, message: Message) -> str:
        if message.role is Role.USER:
            return tr("You")
        return self._name_of(message.model) if message.model else tr("Response")

    def _replace(self, rows: Sequence[Row], *, follow: bool, changed: bool = True) -> None:
        before = len(self._model.rows)
        replaced = next((was for was, row in zip(self._model.rows, rows, strict=False) if was is not row), None)
        top = self._list.row_top(replaced) if replaced is not None and not follow else None
        same = self._model.replace(rows)
        if follow:
            self._list.follow()
        if changed or follow or not same == before == len(rows):
            self._list.rows_replaced(same)
        if top is not None:
            self._list.hold_row(same, top)  # another version took this place: the reader stays there
        if bar := self._find.made:
            bar.rows_changed()

    @Slot(object)
    def _brief_wanted(self, row: Row) -> None:
        if row.is_prompt:
            self.fold_first(on=False)
            return
        self.brief_wanted.emit(self.turns.of(row))

    @Slot()
    def _moved(self) -> None:
        self._end.place()
        self._place_start()
        self._copied.place()
        self._idle.wake()
        self._actions.place()
        self._place.follow()

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._shelf.clear()
        look = Look.of(theme, self._font, self._text_size.scale, self._text_size.widest)
        self._builder.restyle(look, self.devicePixelRatioF())
        self._list.set_look(self._builder.look)
        self._start.themed(theme)
        self._end.themed(theme)
        self._actions.themed(theme)
        if bar := self._find.made:
            bar.themed(theme)


def _error_card(view: TranscriptView) -> ErrorCard:
    from ui.transcript.error_card import ErrorCard

    card = ErrorCard(view)  # beside the list: screen readers look for nothing but items in there
    card.hide()
    card.retry.connect(view.regenerate_wanted)
    card.hurried.connect(view.hurry_wanted)
    card.continue_.connect(view.continue_wanted)
    card.connection_wanted.connect(view.connection_wanted)
    card.model_wanted.connect(view.model_wanted)
    return card
