"""State of a pane's response in progress, shown in its figures and its prompt field."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.domain.conversation_types import Role
from desktop.domain.events import Event, ReasoningDelta, TextDelta
from ui.base import figures_text
from ui.base.model_facts import ModelFacts
from ui.composer.composer import Composer
from ui.pane.chats import Chats
from ui.pane.figures_line import FiguresLine
from ui.widgets.announcement import announce

_TICK_MS = 500


class AnswerStatus(QObject):
    """Updates the figures and the composer to the state of the visible conversation."""

    def __init__(self, figures: FiguresLine, composer: Composer, chats: Chats, facts: ModelFacts) -> None:
        super().__init__(figures)
        self._figures = figures
        self._composer = composer
        self._chats = chats
        self._facts = facts
        self._said = self._stalls = False
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tick)
        chats.began.connect(self.show)
        chats.ended.connect(self.show)
        chats.refused.connect(self.show)
        composer.changed.connect(self._show_stop)
        chats.on_event(self._heard)

    @Slot()
    def show(self) -> None:
        """Update the state now, and repeatedly while a response is in progress."""
        answering = self._chats.shown.is_answering
        self._composer.set_answering(answering)
        self._show_stop()
        self._said = False
        self._tick()
        if answering:
            self._clock.start()
        else:
            self._clock.stop()

    @Slot()
    def _show_stop(self) -> None:
        """Offer to stop the response above the field while what is typed there takes the place of Stop."""
        answering = self._chats.shown.is_answering
        self._figures.set_answering(answering=answering, typed=not self._composer.stops)

    def _heard(self, event: Event) -> None:
        """Update the state immediately when the first text arrives."""
        if not self._said and isinstance(event, (TextDelta, ReasoningDelta)):
            self._said = True
            self._tick()

    @Slot()
    def _tick(self) -> None:
        conversation, live = self._chats.shown.conversation, self._chats.shown.live
        if live is not None:
            embedded = self._facts.is_embedded(conversation.model)
            at = time.monotonic()
            figures = figures_text.pace_of(live.pace, at)
            state = figures_text.elapsed_text(at - live.since) if figures else live.state(at, embedded=embedded)
            silences = self._facts.longest_silences(conversation.model)
            stall = live.stall(at, silences) if silences is not None else ""
            self._figures.show_figures(figures, stall or state, live.pace.curve(ended=False), stalls=bool(stall))
            if stall and not self._stalls:
                announce(self._figures, stall)
            self._stalls = bool(stall)
            return
        last = next((each for each in reversed(self._chats.shown.path) if each.role is Role.ASSISTANT), None)
        if last is not None:
            pace = self._chats.shown.paces.get(last.id)
            curve = pace.curve() if pace is not None else ()
            self._figures.show_figures(figures_text.figures_of(last), figures_text.status_text(last), curve)
        else:
            self._figures.show_figures(())
