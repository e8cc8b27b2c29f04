"""Workspace: panes side by side with a shared composer, which are saved as a comparison."""

# ruff: noqa: N802 - Qt's names

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QDropEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain.comparison import MOST_PANES, Arrangement, Comparison, ContextRule, PaneState
from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.metrics.figures import of_turn, standings
from desktop.services import Services
from ui.base.commands import Command, own_keys
from ui.base.figures_text import mark_text
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.composer import Composer
from ui.composer.editor import PromptEditor
from ui.pane.attachment_intake import AttachmentIntake
from ui.pane.badges import Badge
from ui.pane.chat import Chat
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources
from ui.pane.shown_files import ShownFiles
from ui.widgets.announcement import announce
from ui.workspace.area import PaneArea
from ui.workspace.common_notices import CommonNotices
from ui.workspace.comparison_saver import ComparisonSaver
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList
from ui.workspace.pane_moves import PaneMoves
from ui.workspace.pane_turns import PaneTurns
from ui.workspace.shared_composer import SharedComposer
from ui.workspace.workspace_presets import WorkspacePresets
from ui.workspace.workspace_tools import WorkspaceTools

CONVERSATION = "application/x-paragone-conversation"
"""MIME type for the ID of a conversation in UTF-8."""

_MOVES = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class DragDrop(QObject):
    """Handles conversations that are dragged over the panes, and marks where a drop would take effect."""

    conversation_dropped = Signal(str, int, bool)
    """Emitted with the ID of a conversation, the index of a pane, and whether to insert a new pane before it."""

    def __init__(self, line: PaneList, area: PaneArea, places: PaneMoves) -> None:
        super().__init__(area)
        self._line = line
        self._area = area
        self._places = places
        area.viewport().setAcceptDrops(True)
        area.viewport().installEventFilter(self)
        line.dragged.connect(self._dragged)
        line.dropped.connect(self._dropped)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept conversations. Files are handled by the window."""
        if event.type() == QEvent.Type.DragLeave:
            self._area.mark(None)
        ours = isinstance(event, QDropEvent) and event.mimeData().hasFormat(CONVERSATION)
        if not ours or not isinstance(event, QDropEvent) or event.type() not in (*_MOVES, QEvent.Type.Drop):
            return super().eventFilter(watched, event)
        point = self._area.viewport().mapToGlobal(event.position().toPoint())
        spot = self._area.spot(point)
        if event.type() in _MOVES:
            self._area.mark(spot)
        else:
            self._area.mark(None)
            if spot is not None:
                id_ = bytes(event.mimeData().data(CONVERSATION).data()).decode("utf-8", "replace")
                self.conversation_dropped.emit(id_, spot.place, spot.beside)
        event.setAccepted(spot is not None)
        return True

    @Slot(object, QPoint)
    def _dragged(self, pane: Pane, point: QPoint) -> None:
        self._area.mark(self._area.spot(point, beside_only=True) if pane in self._line else None)

    @Slot(object, QPoint)
    def _dropped(self, pane: Pane, point: QPoint) -> None:
        self._area.mark(None)
        spot = self._area.spot(point, beside_only=True)
        if spot is None or pane not in self._line:
            return
        at = self._line.place(pane)
        place = spot.place - 1 if spot.place > at else spot.place
        if place != at:
            self._places.move_to(pane, place)


class ScrollSync(QObject):
    """Scrolls panes together, if enabled. Panes whose turns are shorter or missing scroll as far as they can."""

    def __init__(self, line: PaneList, turns: PaneTurns, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._turns = turns
        self._on = False
        self._leads = False
        line.scrolled.connect(self._follow)

    @property
    def is_on(self) -> bool:
        """Whether the panes scroll together."""
        return self._on

    @Slot(bool)
    def set_on(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Enable or disable scrolling together."""
        self._on = on

    @Slot(object)
    def _follow(self, pane: Pane) -> None:
        if not self._on or self._leads or pane not in self._line:
            return
        number, height = pane.transcript.turns.top
        turn = self._turn(self._line.place(pane), number)
        self._leads = True
        try:
            for place, other in enumerate(self._line):
                if other is not pane and other.isVisible():
                    other.transcript.turns.show(self._number(place, turn), height)
        finally:
            self._leads = False

    def _turn(self, place: int, number: int) -> int:
        """Return the common turn to which a pane's prompt with this number belongs."""
        turns = self._turns.asked.turns
        return next((turn for turn, numbers in enumerate(turns) if numbers[place] == number), len(turns))

    def _number(self, place: int, turn: int) -> int:
        """Return the number of a pane's prompt in a turn, or of its next prompt if it has none in that turn."""
        numbers = [numbers[place] for numbers in self._turns.asked.turns]
        later = (number for number in numbers[turn:] if number is not None)
        return next(later, sum(number is not None for number in numbers))


_LATER_MS = 30
"""Delay that lets the visible change be painted first."""


class BadgeAwards(QObject):
    """Computes the badges of all panes, once for changes that occur together."""

    def __init__(self, line: PaneList, turns: PaneTurns, sending: Dispatch, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._turns = turns
        self._sending = sending
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._show)
        line.answering_changed.connect(self.update)
        line.shown_changed.connect(self.update)
        sending.changed.connect(self.update)

    @Slot()
    def update(self) -> None:
        """Schedule an update after something has changed."""
        self._soon.start()

    @Slot()
    def _show(self) -> None:
        turns = self._turns.kept
        asked = zip(turns.paths, turns.numbers(turns.last), strict=True)
        firsts = standings([of_turn("", path, number) for path, number in asked])
        several = len(self._line) > 1
        if any(pane.answers for pane in self._line):
            firsts = [()] * len(self._line)  # who is first is known when all are there
        winner, chosen = self._sending.winner(turns.last), self._sending.chosen_panes
        for pane, first in zip(self._line, firsts, strict=True):
            pane.header.chosen = several and pane in chosen
            badges = [Badge(mark_text(standing.mark, tied=standing.tied)) for standing in first] if several else []
            if several and pane is winner:
                badges.insert(0, Badge(tr("chosen"), chosen=True))
            pane.figures.show_badges(badges)


class PromptsOnly(QObject):
    """Collapses all responses to one line, if enabled."""

    changed = Signal(bool)

    def __init__(self, line: PaneList, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._on = False
        line.brief_wanted.connect(self._open_turn)

    @property
    def is_on(self) -> bool:
        """Whether responses are collapsed to one line."""
        return self._on

    @Slot(bool)
    def set_on(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Collapse or expand all responses."""
        was, self._on = self._on, on
        self.apply()
        if was != on:
            self.changed.emit(on)

    def toggle(self) -> None:
        """Collapse all responses if they are expanded, and the other way round."""
        self.set_on(not self._on)
        said = tr("One line per response.") if self._on else tr("Responses are shown in full.")
        announce(self._line[0], said)

    def apply(self) -> None:
        """Collapse or expand the responses in panes that are new."""
        for pane in self._line:
            pane.transcript.set_prompts_only(self._on)

    @Slot(object, int)
    def _open_turn(self, pane: Pane, turn: int) -> None:
        """Expand all responses and scroll all panes to a turn."""
        if pane in self._line:
            self.set_on(False)
            for each in self._line:
                each.transcript.turns.show(turn, 0)


_IDLE_MS = 250
"""Interval at which spare panes are created, each of which takes about 25 ms."""


class Workspace(QWidget):
    """Widget with the panes and the shared composer. One pane is a single chat; two or more form a comparison."""

    title_changed = Signal(str)
    panes_changed = Signal()
    """Emitted after panes were added, removed or rearranged, or their models changed."""
    comparison_shown = Signal()
    """Emitted when a stored comparison is opened or left."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, shared: PaneResources, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._shared = shared
        self.marks = shared.marks
        self.beside: tuple[Pane, ...] = ()
        """Panes that are visible in a panel and do not take part in the comparison."""
        self._marked: dict[tuple[Pane, ModelRef], int] = {}
        self._facts = ModelFacts(services)
        self.area = PaneArea(self)
        self.line = PaneList(lambda: Pane(services, tasks, themes, shared, self.area.room), self)
        self.line.model_changed.connect(self._colour_panes)  # before those that show the colours
        self.line.shown_changed.connect(self._shown_changed)
        self.turns = PaneTurns(self.line)
        self.sending = Dispatch(self.line, self.turns, self._facts, self)
        self.steps = ScrollSync(self.line, self.turns, self)
        self.prompts = PromptsOnly(self.line, self)
        self.composer = Composer(themes.current, shared.looks, shared.text_size, self)
        shared.spelling(self.composer.editor)
        self._files = AttachmentIntake(services, tasks, self.composer, shared, lambda: self.common.given)
        ShownFiles(self.composer, shared, lambda: [pane.given.model(pane.target) for pane in self.line])
        self.kept = ComparisonSaver(self.line, self.sending, self.area, self.composer, shared.drafts, shared.mode, self)
        self.places = PaneMoves(services, self.line, self.area, self.kept, self.sending, self.composer, shared.drafts)
        self.presetting = WorkspacePresets(services, tasks, themes, self.line, self.composer)
        self.tools = WorkspaceTools(services, tasks, self.line, self.composer)
        self.common = SharedComposer(themes, self._facts, self.line, self.sending, self.composer, self.presetting)
        self.dropping = DragDrop(self.line, self.area, self.places)
        self._standings = BadgeAwards(self.line, self.turns, self.sending, self)
        self._noticing = CommonNotices(self.line, self.composer, self)
        self._ahead = 1
        self._idle = QTimer(self, interval=_IDLE_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        column.addWidget(self.composer)
        self._connect()
        self.places.begin()
        self._show_all()

    def restore_colours(self, stored: Mapping[str, int]) -> None:
        """Show models in the colors that they had in earlier runs."""
        self.marks.restore(stored)
        self._marked.clear()
        self._colour_panes()
        self.panes_changed.emit()

    @property
    def pane(self) -> Pane:
        """The pane that has the focus, or had it last."""
        return self.places.active

    @property
    def comparison(self) -> Comparison | None:
        """The current comparison, or None for a single chat."""
        return self.kept.comparison

    @property
    def is_answering(self) -> bool:
        """Whether any response is in progress, including those of conversations that are not visible."""
        return bool(self._shared.answering)

    @property
    def answering(self) -> Mapping[str, Chat]:
        """Chats with a response in progress by conversation ID, visible or not."""
        return self._shared.answering

    @property
    def arriving(self) -> int:
        """Number of responses in progress, including those of conversations that are not visible."""
        return len(self._shared.answering)

    @property
    def prompt_editor(self) -> PromptEditor:
        """The shared prompt field of a comparison, or that of the single pane."""
        return (self.composer if self.comparison is not None else self.line[0].composer).editor

    @property
    def is_temporary(self) -> bool:
        """Whether what is shown is stored nowhere."""
        return self._shared.mode.is_on

    def kept_after_all(self, ids: Sequence[str]) -> None:
        """Update after temporary chats were stored, with the comparison that they form."""
        for each in self.line:
            each.writing.keep()
        self.kept.later()
        for each in ids:
            self.line.saved.emit(each)

    def stop_temporary(self) -> None:
        """Stop the responses of temporary chats."""
        for chat in tuple(self._shared.answering.values()):
            if chat.is_temporary and chat.id in self._shared.mode.ids:
                chat.stop()

    def start_new(self, model: ModelRef | None = None, *, temporary: bool = False) -> None:
        """Show an empty chat in a single pane, with the draft for new chats if there is one.

        A temporary chat is stored nowhere, and has no draft.
        """
        self._become_single()
        self._shared.mode.set_on(on=temporary)
        self.line[0].start_new(model, resumes=True)
        self._show_single()

    def show_conversation(self, conversation: Conversation, message_id: str = "") -> None:
        """Show a stored conversation in a single pane, scrolled to a message if one is given."""
        self._become_single()
        self._shared.mode.set_on(on=False)
        self.line[0].show_conversation(conversation, message_id)
        self._show_single()

    def show_comparison(self, comparison: Comparison, conversations: Mapping[str, Conversation]) -> None:
        """Show a stored comparison. Panes without an entry in `conversations` start empty."""
        self._leave()
        self._shared.mode.set_on(on=False)
        before = tuple(self.line)
        states = comparison.panes[:MOST_PANES] or (PaneState(conversation="", model=self._facts.default()),)
        self.line.resize(len(states))
        self.sending.rule = comparison.rule
        self.sending.set_winners(comparison.winners)
        self.kept.begin(msgspec.structs.replace(comparison, panes=states))
        self.composer.setVisible(True)
        self._pass_keyboard(before, self.composer)
        for place, state in enumerate(states):
            self.line.set_on(place, on=state.on)
            self.line[place].set_place(place + 1, several=True, alone=not state.on)
        self.places.begin([state.size for state in states])  # before messages come: they are laid out for a width
        self.prompts.set_on(comparison.prompts_only)
        for pane, state in zip(self.line, states, strict=True):
            pane.show_conversation(self.kept.conversation(state, conversations))
        kept = zip(self.line, states, self.marks.found_again(states), strict=True)
        self._marked = {(pane, state.model): mark for pane, state, mark in kept if mark is not None}
        self._colour_panes()  # before what is said in place of where a prompt goes
        for pane, state in zip(self.line, states, strict=True):
            if self.kept.is_gone(state, conversations):
                pane.body.say_gone()
        self.composer.back.show(self.kept.draft(comparison))
        self.steps.set_on(comparison.in_step)
        self._show_all()
        self.comparison_shown.emit()
        for pane, state in zip(self.line, states, strict=True):
            pane.body.read_at(state.scroll)  # once a panel has taken its space
        self.kept.begin(self.kept.comparison)  # all of this is kept already

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Change the arrangement of the panes."""
        self.places.lay_out(arrangement)
        self.panes_changed.emit()

    def set_rule(self, rule: ContextRule) -> None:
        """Set the context rule that applies to the next prompts."""
        self.sending.rule = rule
        self.kept.change(rule=rule)
        self.panes_changed.emit()

    @Slot(bool)
    def read_in_step(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Enable or disable scrolling all panes together."""
        self.steps.set_on(on)
        self.kept.change(in_step=on)
        self.panes_changed.emit()

    def end(self) -> None:
        """Save the state and turn queued prompts into drafts, because the window is being closed."""
        self.sending.give_back()
        self.kept.end()

    def stop_all(self) -> None:
        """Interrupt all responses, visible or not, before quitting. Queued prompts are not sent."""
        self.sending.give_back()
        for chat in tuple(self._shared.answering.values()):
            chat.stop(interrupts=True)

    @Slot()
    def correct_spelling(self) -> None:
        """Offer corrections in the focused prompt field, such as that of a blind round, or else in the shown one."""
        focused = self.window().focusWidget()
        (focused if isinstance(focused, PromptEditor) else self.prompt_editor).correct_spelling()

    @Slot()
    def focus_composer(self) -> None:
        """Focus the shared prompt field, or that of the single pane."""
        self.prompt_editor.setFocus()

    @Slot()
    def read(self) -> None:
        """Focus the transcript of the active pane."""
        self.pane.take_keyboard(to_type=False)

    def connections_changed(self) -> None:
        """Update all panes after the connections have changed."""
        for pane in self.line:
            pane.show_model()
        self.common.show_panes()

    def prepare(self, panes: int) -> None:
        """Create spare panes when idle, because a comparison with this many panes is likely."""
        self._ahead = max(self._ahead, min(panes, MOST_PANES))
        self._idle.start()

    @Slot()
    def _make_ahead(self) -> None:
        if self.is_answering:
            return
        pane = self.line.prepare(self._ahead)
        if pane is None:
            self._idle.stop()
        else:
            self.area.adopt(pane)
            for each in pane.findChildren(QWidget):
                each.ensurePolished()

    def _connect(self) -> None:
        self._idle.timeout.connect(self._make_ahead)
        self._shared.offers.for_all.connect(self._files.take)
        self.places.changed.connect(self._show_all)
        self.line.height_wanted.connect(self.area.fit)
        self.common.toggled.connect(self._show_all)
        self.common.toggled.connect(self.kept.later)
        self.line.saved.connect(self._name)
        self.line.title_changed.connect(self._title_changed)
        self.line.model_changed.connect(self.panes_changed)
        self.line.composer_wanted.connect(self.focus_composer)
        self.line.quote_wanted.connect(self.composer.editor.quote)
        self.composer.notices.left.connect(self.read)
        find = QShortcut(own_keys(Command.FIND), self)  # from wherever in the window the keyboard is
        find.activated.connect(lambda: self.pane.transcript.open_find())  # noqa: PLW0108 - the pane of then
        self.prompts.changed.connect(lambda: self.kept.change(prompts_only=self.prompts.is_on))

    def _leave(self) -> None:
        """Save and leave the comparison. Responses continue, and queued prompts become part of its draft."""
        self.sending.give_back()
        self.kept.flush()
        self.kept.begin(None)
        self.sending.forget()
        self.sending.rule = ContextRule.OWN
        self.steps.set_on(False)
        self.prompts.set_on(False)

    def _become_single(self) -> None:
        self._leave()
        self._marked.clear()
        before = tuple(self.line)
        self.line.resize(1)
        self.line[0].set_place(1, several=False, alone=True)
        self._pass_keyboard(before[1:], self.line[0].composer)
        if self.composer.isAncestorOf(self.window().focusWidget() or self.window()):
            self.line[0].composer.editor.setFocus()

    def _pass_keyboard(self, panes: Iterable[Pane], to: Composer) -> None:
        """Move the focus from a composer that is about to be hidden to another one, before Qt moves it elsewhere."""
        focused = self.window().focusWidget() or self.window()
        if any(pane.composer.isAncestorOf(focused) for pane in panes):
            to.editor.setFocus()

    def _show_single(self) -> None:
        self.places.begin()
        self._show_all()
        self.comparison_shown.emit()

    @Slot()
    def _show_all(self) -> None:
        several = self.comparison is not None
        self.composer.setVisible(several)
        self._colour_panes()
        for number, (pane, on) in enumerate(zip(self.line, self.line.on, strict=True), 1):
            pane.set_place(number, several=several, alone=not several or not on)
        self.common.show_panes()
        self.tools.show()
        self.common.show_state()
        self._noticing.update()
        self._standings.update()
        self.prompts.apply()
        self.title_changed.emit(self.comparison.title if self.comparison else self.line[0].conversation.title)
        self.panes_changed.emit()

    @Slot(object)
    def _shown_changed(self) -> None:
        """Update the color of a single chat after its model has changed."""
        if self.comparison is None and len(self.line) == 1:
            self._colour_panes()

    @Slot()
    def _colour_panes(self) -> None:
        """Give the panes distinct colors. A pane keeps its color as long as it keeps its model."""
        refs = {pane: pane.conversation.model for pane in self.line}
        marks = self.marks.spread([*refs.values()], [self._marked.get(each) for each in refs.items()])
        self._marked = dict(zip(refs.items(), marks, strict=True))
        for pane, mark in zip(refs, marks, strict=True):
            if pane.mark != mark:
                pane.mark = mark
                pane.header.show_colour(pane.colour)
                pane.figures.themed(self._themes.current, pane.colour)

    @Slot(str)
    def _name(self, conversation: str) -> None:
        """Give an untitled comparison the title of the conversation to which its first prompt was sent."""
        titles = [pane.conversation.title for pane in self.line if pane.conversation_id == conversation]
        if self.comparison is not None and not self.comparison.title and any(titles):
            self.kept.change(title=titles[0])
            self.title_changed.emit(titles[0])

    @Slot(object, str)
    def _title_changed(self, pane: Pane, title: str) -> None:
        if self.comparison is None and pane is self.line[0]:
            self.title_changed.emit(title)
