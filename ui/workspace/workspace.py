"""The workspace: one conversation, or panes side by side that are sent prompts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain import Conversation, ModelRef
from desktop.services import Services
from desktop.session.history import title_of
from desktop.session.session import copied, new_conversation
from desktop.workspace import MOST_PANES, Arrangement, Comparison, PaneState, Rule, new_comparison
from ui.pane.composer import Composer
from ui.pane.models import ModelFacts
from ui.pane.pane import Pane
from ui.pane.shared import Shared
from ui.tasks import Tasks
from ui.theme import Theme, Themes
from ui.workspace.area import PaneArea
from ui.workspace.chips import Chip, Chips
from ui.workspace.line import PaneLine
from ui.workspace.presetting import Presetting
from ui.workspace.sending import Sending
from ui.workspace.standings import Standings
from ui.workspace.steps import Steps

SAVE_MS = 400
"""A change of a comparison is kept so much later, with those that follow it."""


class Workspace(QWidget):
    """Shows panes and sends to them. One pane is a chat of its own; two and more make a comparison."""

    title_changed = Signal(str)
    comparison_changed = Signal(object)
    """The Comparison as it is to be kept."""
    panes_changed = Signal()
    """Panes came, went, lie otherwise or have other models."""
    pane_closed = Signal(object, int)
    """A Pane was closed, and where it stood: it can be put back."""
    answering_changed = Signal()

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, shared: Shared, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._shared = shared
        self._facts = ModelFacts(services)
        self._comparison: Comparison | None = None
        self._active = 0
        self.line = PaneLine(lambda: Pane(services, tasks, themes, shared), self)
        self.sending = Sending(self.line, self._facts, self)
        self.steps = Steps(self.line, self)
        self._standings = Standings(self.line, self.sending, self)
        self.area = PaneArea()
        self.composer = Composer(themes.current)
        self.chips = Chips()
        self.presetting = Presetting(services, tasks, themes, self.line, self.composer)
        self.composer.put_above(self.chips)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        column.addWidget(self.composer)
        self._connect()
        self._arrange()
        self._show_all()

    @property
    def pane(self) -> Pane:
        """The pane that has the keyboard, or had it last."""
        for place, pane in enumerate(self.line):
            if pane.isAncestorOf(self.focusWidget() or self):
                self._active = place
        return self.line[min(self._active, len(self.line) - 1)]

    @property
    def comparison(self) -> Comparison | None:
        """The comparison as it stands; None for a single chat."""
        return self._comparison

    @property
    def is_answering(self) -> bool:
        """Whether any answer is being made, also of a conversation that is not shown."""
        return bool(self._shared.answering)

    def start_new(self, model: ModelRef | None = None) -> None:
        """An empty chat in a single pane."""
        self._leave()
        self.line[0].start_new(model)
        self._show_all()

    def show_conversation(self, conversation: Conversation, message_id: str = "") -> None:
        """One conversation of the store in a single pane, at a message if one is named."""
        self._leave()
        self.line[0].show_conversation(conversation, message_id)
        self._show_all()

    def show_comparison(self, comparison: Comparison, conversations: Mapping[str, Conversation]) -> None:
        """A comparison as it was kept; a conversation that is not given is an empty one."""
        self._leave()
        states = comparison.panes[:MOST_PANES] or (PaneState(conversation="", model=self._facts.default()),)
        self.line.resize(len(states))
        for place, state in enumerate(states):
            self.line[place].show_conversation(conversations.get(state.conversation) or _empty(state))
            self.line.set_on(place, on=state.on)
        self._comparison = msgspec.structs.replace(comparison, panes=states)
        self.sending.rule = comparison.rule
        self.sending.set_winners(comparison.winners)
        self._arrange([state.size for state in states])
        self.composer.put(comparison.draft)
        self._show_all()
        self._timer.stop()

    def add_pane(self, model: ModelRef | None = None, *, like: Pane | None = None, with_history: bool = False) -> Pane:
        """Another pane at the end, `like` another one if one is given. A single chat becomes a comparison."""
        if len(self.line) >= MOST_PANES:
            return self.line[len(self.line) - 1]
        source = like or self.pane
        conversation = source.conversation
        made = new_conversation(model or conversation.model, system=conversation.system)
        if like is not None:
            made = msgspec.structs.replace(made, parameters=conversation.parameters)
        if with_history:
            made = copied(conversation, made)
        shares = self.area.shares
        pane = self.line.made()
        self._become_comparison()
        self.line.insert(len(self.line), pane)
        pane.show_conversation(made)
        self._active = len(self.line) - 1
        self._panes_moved(shares)
        return pane

    @Slot(object)
    def close_pane(self, pane: Pane) -> None:
        """Take a pane away; its conversation stays in the store, and an answer goes on."""
        if len(self.line) > 1 and pane in self.line:
            place = self.line.remove(pane)
            self.sending.forget_queue(pane)
            self._panes_moved()
            self.pane_closed.emit(pane, place)

    def put_back(self, pane: Pane, place: int) -> None:
        """Undo the closing of a pane."""
        if pane not in self.line and self._comparison is not None:
            self.line.insert(place, pane)
            self._panes_moved()

    @Slot(object, int)
    def move_pane(self, pane: Pane, by: int) -> None:
        """Move a pane among the others."""
        on = self.line.on[self.line.place(pane)]
        place = self.line.remove(pane)
        self._active = max(min(place + by, len(self.line)), 0)
        self.line.insert(self._active, pane, on=on)
        self._panes_moved()

    @Slot(object)
    def maximise(self, pane: Pane) -> None:
        """Show one pane alone, or all again."""
        if self._comparison is not None:
            place = self.line.place(pane)
            self._change(maximised=None if self._comparison.maximised == place else place)
            self._arrange(self.area.shares)

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Lay the panes otherwise."""
        self._change(arrangement=arrangement, maximised=None)
        self._arrange()
        self.panes_changed.emit()

    def set_rule(self, rule: Rule) -> None:
        """Give the panes another history from the next prompt on."""
        self.sending.rule = rule
        self._change(rule=rule)
        self.panes_changed.emit()

    def stop_all(self) -> None:
        """Stop every answer, shown or not, as at quit."""
        for chat in tuple(self._shared.answering.values()):
            chat.stop()

    def focus_pane(self, place: int) -> None:
        """Put the keyboard into a pane's transcript, or into its composer where that is shown."""
        if 0 <= place < len(self.line):
            pane = self.line[place]
            (pane.composer.editor if pane.composer.isVisible() else pane.transcript).setFocus()
            self.area.ensureWidgetVisible(pane)

    def focus_composer(self) -> None:
        """Put the cursor where prompts are typed."""
        (self.composer if self._comparison is not None else self.line[0].composer).editor.setFocus()

    def connections_changed(self) -> None:
        """Connections came, went or changed."""
        for pane in self.line:
            pane.connections_changed()
        self._show_chips()

    def flush(self) -> None:
        """Keep now what is not kept yet, as at quit."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()

    def _connect(self) -> None:
        self.composer.sent.connect(self._send)
        self.composer.stop_wanted.connect(self.sending.stop)
        self.composer.changed.connect(self._changed)
        self.composer.last_wanted.connect(self._repeat_last)
        self.chips.toggled.connect(self._toggle)
        self.area.shares_changed.connect(self._changed)
        self.sending.changed.connect(self._show_state)
        self.sending.chosen.connect(self._changed)
        line = self.line
        line.title_changed.connect(self._title_changed)
        line.saved.connect(self._changed)
        line.answering_changed.connect(self._answering_changed)
        line.model_changed.connect(self._model_changed)
        line.prompting_changed.connect(self._changed)
        line.close_wanted.connect(self.close_pane)
        line.maximise_wanted.connect(self.maximise)
        line.duplicate_wanted.connect(self._duplicate)
        line.move_wanted.connect(self.move_pane)
        self._timer.timeout.connect(self._save)
        self._themes.changed.connect(self._themed)

    def _leave(self) -> None:
        """Back to a single pane: the comparison is kept as it stands, and answers go on."""
        self.flush()
        self._comparison = None
        self.sending.forget()
        self.sending.rule = Rule.OWN
        self._active = 0
        extra = self.line.resize(1)
        self._arrange()
        for pane in extra:
            pane.deleteLater()

    def _become_comparison(self) -> None:
        if self._comparison is None:
            first = self.line[0]
            self._comparison = msgspec.structs.replace(new_comparison(()), title=first.conversation.title)
            self.composer.put(first.draft)
            first.composer.put("")

    def _panes_moved(self, shares: Sequence[float] = ()) -> None:
        self._change(maximised=None)
        self._arrange(shares)
        self._show_all()

    def _arrange(self, shares: Sequence[float] = ()) -> None:
        comparison = self._comparison
        arrangement = comparison.arrangement if comparison else Arrangement.ROW
        self.area.arrange(tuple(self.line), arrangement, shares, comparison.maximised if comparison else None)

    def _show_all(self) -> None:
        several = self._comparison is not None
        self.composer.setVisible(several)
        for number, (pane, on) in enumerate(zip(self.line, self.line.on, strict=True), 1):
            pane.set_place(number, several=several, alone=not several or not on)
        self._show_chips()
        self._show_state()
        self._standings.update()
        self.title_changed.emit(self._comparison.title if self._comparison else self.line[0].conversation.title)
        self.panes_changed.emit()

    def _show_chips(self) -> None:
        mark = self._themes.current.mark
        models = [pane.conversation.model for pane in self.line]
        chips = [Chip(self._facts.name(ref), mark(ref), on) for ref, on in zip(models, self.line.on, strict=True)]
        self.chips.show_chips(chips, self._themes.current)
        self.composer.set_targets([pane.target for pane, on in zip(self.line, self.line.on, strict=True) if on])
        self.presetting.show()

    @Slot()
    def _show_state(self) -> None:
        self.composer.set_answering(any(pane.answers for pane in self.line), queues=True)
        self.composer.say_waiting(self.sending.waiting)

    @Slot(str)
    def _send(self, text: str) -> None:
        if not self.sending.send(text):
            return
        self.composer.put("")
        if self._comparison is not None and not self._comparison.title:
            self._change(title=title_of(text))
            self.title_changed.emit(title_of(text))

    @Slot(int)
    def _toggle(self, place: int) -> None:
        self.line.set_on(place, on=not self.line.on[place])
        self._show_all()
        self._changed()

    @Slot(object, bool)
    def _duplicate(self, pane: Pane, with_history: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.add_pane(like=pane, with_history=with_history)

    @Slot(object, str)
    def _title_changed(self, pane: Pane, title: str) -> None:
        if self._comparison is None and pane is self.line[0]:
            self.title_changed.emit(title)

    @Slot()
    def _model_changed(self) -> None:
        self._show_chips()
        self._changed()
        self.panes_changed.emit()

    @Slot()
    def _answering_changed(self) -> None:
        self._show_chips()
        self.answering_changed.emit()

    @Slot()
    def _repeat_last(self) -> None:
        """Bring the last prompt back, to be sent again to all."""
        prompts = [pane.last_prompt for pane in self.line if pane.last_prompt]
        if prompts:
            self.composer.put(prompts[0])

    def _change(self, **fields: object) -> None:
        if self._comparison is not None:
            self._comparison = msgspec.structs.replace(self._comparison, **fields)
            self._changed()

    @Slot()
    def _changed(self) -> None:
        if self._comparison is not None:
            self._timer.start()

    @Slot()
    def _save(self) -> None:
        """Hand the comparison on to be kept, once there is something in it."""
        if self._comparison is None:
            return
        states = tuple(
            _state(pane, on=on, size=share)
            for pane, on, share in zip(self.line, self.line.on, self.area.shares, strict=True)
        )
        kept = {"panes": states, "draft": self.composer.text, "winners": self.sending.winners}
        self._comparison = msgspec.structs.replace(self._comparison, **kept)
        if any(pane.conversation.messages or pane.answers for pane in self.line):
            self.comparison_changed.emit(self._comparison)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self.composer.themed(theme)
        self._show_chips()


def _state(pane: Pane, *, on: bool, size: float) -> PaneState:
    conversation = pane.conversation
    return PaneState(
        conversation=conversation.id,
        model=conversation.model,
        system=conversation.system,
        parameters=conversation.parameters,
        on=on,
        size=round(size, 3),
    )


def _empty(state: PaneState) -> Conversation:
    made = new_conversation(state.model, system=state.system, parameters=state.parameters)
    return msgspec.structs.replace(made, id=state.conversation) if state.conversation else made
