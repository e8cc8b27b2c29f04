"""Sending to panes: who is meant, what each model is told was said before, and what waits for an answer's end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import ContextRule
from desktop.domain.conversation_types import Message, new_id
from ui.base.model_facts import ModelFacts
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.workspace import context_rules
from ui.workspace.pane_list import PaneList
from ui.workspace.pane_turns import PaneTurns
from ui.workspace.recipients import Addressed, PaneName, addressed


class Waiting(NamedTuple):
    """A prompt that waits for an answer's end: the id of its turn, and of the conversation that it is for."""

    prompt: Prompt
    turn: str
    conversation: str
    sent: int
    """Prompts are sent in the order of these."""


class Dispatch(QObject):
    """Between the composer of all panes and each of them."""

    changed = Signal()
    """Another number of prompts wait, or another answer was chosen."""
    chosen = Signal()
    """Another answer was chosen, or one no longer is."""
    given_back = Signal(object)
    """These Prompts waited for all that take part, and are not sent: they belong into the field of all."""
    came_back = Signal(int)
    """So many prompts that waited are in fields again."""

    def __init__(self, line: PaneList, turns: PaneTurns, facts: ModelFacts, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._turns = turns
        self._facts = facts
        self._queued: dict[Pane, list[Waiting]] = {}
        self._sent = 0
        self._winners: dict[str, Pane] = {}
        """By a prompt's turn, else by its own id: what is asked in between, or leaves with a pane, moves no choice."""
        self._kept: dict[int, Pane] = {}
        """Choices as they were kept, by their turns' numbers, until the turns are shown."""
        self.rule: ContextRule = ContextRule.OWN
        line.answering_changed.connect(self._answering_changed)
        line.shown_changed.connect(self._shown_changed)

    @property
    def waiting(self) -> tuple[tuple[str, Prompt], ...]:
        """The prompts that wait, each once for however many panes, in order, with the ids of their turns."""
        turns = {each.turn: each for waiting in self._queued.values() for each in waiting}
        return tuple((each.turn, each.prompt) for each in sorted(turns.values(), key=lambda each: each.sent))

    @property
    def names(self) -> Sequence[str]:
        """The names of the panes' models."""
        return [self._facts.name(pane.conversation.model) for pane in self._line]

    @property
    def called(self) -> Sequence[PaneName]:
        """What a prompt may name the panes by."""
        refs = [pane.conversation.model for pane in self._line]
        return [PaneName(self._facts.name(ref), ref.connection) for ref in refs]

    def addressed(self, text: str, *, as_text: bool = False) -> Addressed:
        """Whom a prompt is for; `as_text`, what names no pane is a part of it."""
        return addressed(text, self.called, self._line.on, as_text=as_text)

    def send(self, typed: Prompt, *, as_text: bool = False) -> bool:
        """Send to the panes that take part or are named; where one answers still, it waits there. Whether it went."""
        text, places, _, unmatched = self.addressed(typed.text, as_text=as_text)
        prompt = Prompt(text, typed.files)
        if not (text.strip() or prompt.files) or not places or unmatched:
            return False
        histories = {place: self._history(self._line[place]) for place in places}
        turn = new_id()
        self._sent += 1
        for place in places:
            pane = self._line[place]
            if pane.answers:
                self._queued.setdefault(pane, []).append(Waiting(prompt, turn, pane.conversation_id, self._sent))
            else:
                pane.send(prompt, histories[place], turn)
        self.changed.emit()
        return True

    def regenerate(self) -> None:
        """Another answer in every pane that takes part."""
        for pane, on in zip(self._line, self._line.on, strict=True):
            if on and not pane.answers:
                pane.writing.regenerate()

    def retry_failed(self) -> None:
        """Ask again wherever the last answer failed."""
        for pane in self._line:
            if pane.failed and not pane.answers:
                pane.writing.regenerate()

    def stop(self) -> None:
        """Stop all answers that are shown; what waits goes back to who typed it."""
        self.give_back()
        for pane in self._line:
            pane.stop()
        self.changed.emit()

    @property
    def winners(self) -> tuple[int | None, ...]:
        """By turn, from 0, the place of the pane whose answer was chosen."""
        places = self._winner_places()
        return tuple(places.get(turn) for turn in range(max(places, default=-1) + 1))

    def set_winners(self, winners: Sequence[int | None]) -> None:
        """Take over the choices of a comparison that is shown again."""
        known = [(turn, place) for turn, place in enumerate(winners) if place is not None and place < len(self._line)]
        self._winners, self._kept = {}, {turn: self._line[place] for turn, place in known}

    def give_back(self, turn: str = "") -> None:
        """Nothing that waits is sent, or not what waits under a turn.

        It goes to the field of all where it was for all of them, else to its panes'.
        """
        all_on = {pane for pane, on in zip(self._line, self._line.on, strict=True) if on}
        back = [(of, prompt) for of, prompt in self.waiting if turn in ("", of)]
        common: list[Prompt] = []
        for of, prompt in back:
            if self.waits_in(of) == all_on:
                common.append(prompt)
                self._take_out(of)
        for pane in tuple(self._queued):
            self.give_back_of(pane, turn)
        if common:
            self.given_back.emit(common)
        self._tell_back(len(back))

    def waits_in(self, turn: str) -> set[Pane]:
        """The panes in which what was sent as a turn waits."""
        return {pane for pane, waiting in self._queued.items() if any(each.turn == turn for each in waiting)}

    def give_back_of(self, pane: Pane, turn: str = "") -> None:
        """What waits for a pane, or what waits there under a turn, goes to its own field."""
        back = [each for each in self._queued.get(pane, ()) if turn in ("", each.turn)]
        self._take_out(turn, pane)
        pane.writing.take_back([each.prompt for each in back])

    def _take_out(self, turn: str, of: Pane | None = None) -> None:
        """Forget that it waits, in one pane or in all; without a turn all that does."""
        for pane in tuple(self._queued) if of is None else (of,):
            left = [each for each in self._queued.pop(pane, []) if turn not in ("", each.turn)]
            if left:
                self._queued[pane] = left

    def _tell_back(self, prompts: int) -> None:
        if prompts:
            self.changed.emit()
            self.came_back.emit(prompts)

    def forget(self) -> None:
        """Other panes are shown."""
        self._winners.clear()
        self._kept.clear()

    def choose_winner(self, pane: Pane) -> bool | None:
        """Choose a pane's answer in its last turn, no longer where it is chosen; which of them, None where none is."""
        turn = self._last_turn(pane)
        if turn is None:
            return None
        keys = [key for key in self._turns.kept.keys[turn] if key]
        chooses = pane not in self.chosen_panes
        for key in keys:
            self._winners.pop(key, None)
        if chooses:
            self._winners.update(dict.fromkeys(keys, pane))
        self.changed.emit()
        self.chosen.emit()
        return chooses

    @property
    def chosen_panes(self) -> set[Pane]:
        """Those whose last answer is the one that was chosen in its turn."""
        places = self._winner_places()
        found = {turn: self._line[place] for turn, place in places.items()}
        return {pane for pane in self._line if (turn := self._last_turn(pane)) in found and found[turn] is pane}

    def _last_turn(self, pane: Pane) -> int | None:
        """The last turn in which a pane was asked; None where it never was, or is not there."""
        return self._turns.kept.last_asked(self._line.place(pane)) if pane in self._line else None

    def winner(self, turn: int) -> Pane | None:
        """The pane whose answer was chosen in a turn, counted from 0."""
        place = self._winner_places().get(turn)
        return None if place is None else self._line[place]

    def _winner_places(self) -> dict[int, int]:
        if not (self._kept or self._winners):
            return {}
        turns = self._turns.kept.keys
        for number in [each for each in self._kept if each < len(turns)]:
            pane = self._kept.pop(number)
            self._winners.update((key, pane) for key in turns[number] if key and key not in self._winners)
        chosen = [(turn, self._winners[key]) for turn, keys in enumerate(turns) for key in keys if key in self._winners]
        return {turn: self._line.place(pane) for turn, pane in (*self._kept.items(), *chosen) if pane in self._line}

    def _history(self, pane: Pane) -> tuple[Message, ...] | None:
        turns = self._turns.kept
        return context_rules.history(self.rule, turns, self.names, self._line.place(pane), self._winner_places())

    @Slot()
    def _answering_changed(self) -> None:
        """Send what waits where no answer is being made any more, one prompt an answer."""
        for each in self._line:
            waiting = self._queued.get(each)
            if waiting and not each.answers:
                first = waiting.pop(0)
                if not waiting:
                    del self._queued[each]
                each.send(first.prompt, self._history(each), first.turn)
        self.changed.emit()

    @Slot(object)
    def _shown_changed(self, pane: Pane) -> None:
        """What waited for the conversation that was shown before goes to no other one by itself."""
        if any(each.conversation != pane.conversation_id for each in self._queued.get(pane, ())):
            back = len(self._queued[pane])
            self.give_back_of(pane)
            self._tell_back(back)
