"""Sends prompts to panes: determines recipients, applies the context rule and queues prompts."""

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
    """A queued prompt with the IDs of its turn and its conversation."""

    prompt: Prompt
    turn: str
    conversation: str
    sent: int
    """Sequence number by which queued prompts are ordered."""


class Dispatch(QObject):
    """Sends prompts from the shared composer to the panes, and stores which responses were chosen."""

    changed = Signal()
    """Emitted after the queued prompts or the winner have changed."""
    chosen = Signal()
    """Emitted after a winner was chosen or withdrawn."""
    given_back = Signal(object)
    """Emitted with queued Prompts to all panes that return to the shared field."""
    came_back = Signal(int)
    """Emitted with the number of queued prompts that were returned to prompt fields."""

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
        """Queued prompts with the IDs of their turns, in order, each only once."""
        turns = {each.turn: each for waiting in self._queued.values() for each in waiting}
        return tuple((each.turn, each.prompt) for each in sorted(turns.values(), key=lambda each: each.sent))

    @property
    def names(self) -> Sequence[str]:
        """Names of the panes' models."""
        return [self._facts.name(pane.conversation.model) for pane in self._line]

    @property
    def called(self) -> Sequence[PaneName]:
        """Names by which prompts can address the panes."""
        refs = [pane.conversation.model for pane in self._line]
        return [PaneName(self._facts.name(ref), ref.connection) for ref in refs]

    def addressed(self, text: str, *, as_text: bool = False) -> Addressed:
        """Return the recipients of a prompt. With `as_text`, addresses that match no pane count as text."""
        return addressed(text, self.called, self._line.on, as_text=as_text)

    def send(self, typed: Prompt, *, as_text: bool = False) -> bool:
        """Send a prompt to the active or addressed panes, queueing it where a response is in progress.

        Returns whether the prompt was sent or queued.
        """
        text, places, _, unmatched = self.addressed(typed.text, as_text=as_text)
        prompt = Prompt(text, typed.files)
        if not (text.strip() or prompt.files) or not places or unmatched:
            return False
        histories = {index: self._history(self._line[index]) for index in places}
        turn = new_id()
        self._sent += 1
        for index in places:
            pane = self._line[index]
            if pane.answers:
                self._queued.setdefault(pane, []).append(Waiting(prompt, turn, pane.conversation_id, self._sent))
            else:
                pane.send(prompt, histories[index], turn)
        self.changed.emit()
        return True

    def regenerate(self) -> None:
        """Request another response in every active pane that has no response in progress."""
        for pane, on in zip(self._line, self._line.on, strict=True):
            if on and not pane.answers:
                pane.writing.regenerate()

    def retry_failed(self) -> None:
        """Retry all failed responses."""
        for pane in self._line:
            if pane.failed and not pane.answers:
                pane.writing.regenerate()

    def stop(self) -> None:
        """Stop the responses of all panes, and return queued prompts to the fields."""
        self.give_back()
        for pane in self._line:
            pane.stop()
        self.changed.emit()

    @property
    def winners(self) -> tuple[int | None, ...]:
        """Index of the chosen pane in each turn, starting at 0, or None where none was chosen."""
        places = self._winner_places()
        return tuple(places.get(turn) for turn in range(max(places, default=-1) + 1))

    def set_winners(self, winners: Sequence[int | None]) -> None:
        """Restore the chosen panes of a stored comparison."""
        known = [(turn, place) for turn, place in enumerate(winners) if place is not None and place < len(self._line)]
        self._winners, self._kept = {}, {turn: self._line[place] for turn, place in known}

    def give_back(self, turn: str = "") -> None:
        """Return queued prompts, all of them or those of one turn, to the fields instead of sending them.

        Prompts to all panes return to the shared field, other prompts to the fields of their panes.
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

    def withdraw(self, turn: str) -> Prompt:
        """Remove a queued prompt from all panes, and return it."""
        prompt = dict(self.waiting).get(turn, Prompt())
        self._take_out(turn)
        self.changed.emit()
        return prompt

    def waits_in(self, turn: str) -> set[Pane]:
        """Return the panes in which a turn is queued."""
        return {pane for pane, waiting in self._queued.items() if any(each.turn == turn for each in waiting)}

    def give_back_of(self, pane: Pane, turn: str = "") -> None:
        """Return a pane's queued prompts, all of them or those of one turn, to the pane's own field."""
        back = [each for each in self._queued.get(pane, ()) if turn in ("", each.turn)]
        self._take_out(turn, pane)
        pane.writing.take_back([each.prompt for each in back])

    def _take_out(self, turn: str, of: Pane | None = None) -> None:
        """Remove queued prompts, all of them or those of one turn, from one pane or from all panes."""
        for pane in tuple(self._queued) if of is None else (of,):
            left = [each for each in self._queued.pop(pane, []) if turn not in ("", each.turn)]
            if left:
                self._queued[pane] = left

    def _tell_back(self, prompts: int) -> None:
        if prompts:
            self.changed.emit()
            self.came_back.emit(prompts)

    def forget(self) -> None:
        """Forget which responses were chosen, because other panes are shown."""
        self._winners.clear()
        self._kept.clear()

    def choose_winner(self, pane: Pane) -> bool | None:
        """Choose the last response of a pane, or withdraw that choice.

        Returns whether the response is chosen now, or None if the pane has no turn.
        """
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
        """Panes whose last response is the chosen one in its turn."""
        places = self._winner_places()
        found = {turn: self._line[place] for turn, place in places.items()}
        return {pane for pane in self._line if (turn := self._last_turn(pane)) in found and found[turn] is pane}

    def _last_turn(self, pane: Pane) -> int | None:
        """Return the last turn in which a prompt was sent to a pane, or None."""
        return self._turns.kept.last_asked(self._line.place(pane)) if pane in self._line else None

    def winner(self, turn: int) -> Pane | None:
        """Return the pane chosen in a turn, or None. Turns start at 0."""
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
        """Send the next queued prompt to each pane whose response has ended."""
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
        """Return the queued prompts of a pane that now shows another conversation."""
        if any(each.conversation != pane.conversation_id for each in self._queued.get(pane, ())):
            back = len(self._queued[pane])
            self.give_back_of(pane)
            self._tell_back(back)
