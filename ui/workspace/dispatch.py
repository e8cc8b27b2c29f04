"""Sending to panes: who is meant, what each model is told was said before, and what waits for an answer's end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from desktop.comparison import ContextRule
from desktop.domain import Message, new_id
from desktop.evaluation.alignment import aligned
from ui.model_facts import ModelFacts
from ui.pane.pane import Pane
from ui.workspace import context_rules
from ui.workspace.pane_list import PaneList
from ui.workspace.recipients import addressed


class Dispatch(QObject):
    """Between the composer of all panes and each of them."""

    changed = Signal()
    """Another number of prompts wait, or another answer was chosen."""
    chosen = Signal()
    """Another answer was chosen."""

    def __init__(self, line: PaneList, facts: ModelFacts, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._facts = facts
        self._queued: dict[Pane, list[tuple[str, str]]] = {}
        """Prompts that wait, each with the id of its turn."""
        self._winners: dict[int, Pane] = {}
        self.rule: ContextRule = ContextRule.OWN
        line.answering_changed.connect(self._answering_changed)

    @property
    def waiting(self) -> int:
        """How many prompts wait."""
        return sum(map(len, self._queued.values()))

    @property
    def names(self) -> Sequence[str]:
        """The names of the panes' models."""
        return [self._facts.name(pane.conversation.model) for pane in self._line]

    def send(self, text: str) -> bool:
        """Send to the panes that take part or are named; where one answers still, it waits there. Whether it went."""
        prompt, places = addressed(text, self.names, self._line.on)
        if not prompt.strip() or not places:
            return False
        histories = {place: self._history(self._line[place]) for place in places}
        turn = new_id()
        for place in places:
            pane = self._line[place]
            if pane.answers:
                self._queued.setdefault(pane, []).append((prompt, turn))
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
        """Stop all answers that are shown, and forget what waits."""
        self._queued.clear()
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
        self._winners = {turn: self._line[place] for turn, place in known}

    def forget_queue(self, pane: Pane) -> None:
        """Forget what waits for a pane."""
        self._queued.pop(pane, None)

    def forget(self) -> None:
        """Other panes are shown."""
        self._queued.clear()
        self._winners.clear()

    def choose_winner(self, pane: Pane) -> None:
        """Choose a pane's answer in the last turn."""
        if pane not in self._line:
            return
        place = self._line.place(pane)
        turns = aligned([each.conversation.path() for each in self._line])
        asked = [turn for turn, numbers in enumerate(turns) if numbers[place] is not None]
        if asked:
            self._winners[asked[-1]] = pane
            self.changed.emit()
            self.chosen.emit()

    def winner(self, turn: int) -> Pane | None:
        """The pane whose answer was chosen in a turn, counted from 0."""
        pane = self._winners.get(turn)
        return pane if pane is not None and pane in self._line else None

    def _winner_places(self) -> dict[int, int]:
        return {turn: self._line.place(pane) for turn, pane in self._winners.items() if pane in self._line}

    def _history(self, pane: Pane) -> tuple[Message, ...] | None:
        paths = [each.conversation.path() for each in self._line]
        return context_rules.history(self.rule, paths, self.names, self._line.place(pane), self._winner_places())

    @Slot()
    def _answering_changed(self) -> None:
        """Send what waits where no answer is being made any more, one prompt an answer."""
        for each in self._line:
            waiting = self._queued.get(each)
            if waiting and not each.answers:
                prompt, turn = waiting.pop(0)
                if not waiting:
                    del self._queued[each]
                each.send(prompt, self._history(each), turn)
        self.changed.emit()
