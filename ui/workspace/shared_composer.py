"""The composer of all panes, with a chip for each: what is typed there goes to those whose chip is on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from desktop.session.history import title_of
from ui.model_facts import ModelFacts
from ui.pane import tree
from ui.pane.composer import Composer
from ui.theme import Theme, Themes
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_chips import PaneChip, PaneChips
from ui.workspace.pane_list import PaneList
from ui.workspace.workspace_presets import WorkspacePresets


class SharedComposer(QObject):
    """Between the composer, the chips and the panes."""

    toggled = Signal()
    """Another pane takes part, or one no longer does."""
    sent = Signal(str)
    """A prompt went to panes: the title that it makes."""

    def __init__(
        self,
        themes: Themes,
        facts: ModelFacts,
        line: PaneList,
        sending: Dispatch,
        composer: Composer,
        presetting: WorkspacePresets,
    ) -> None:
        super().__init__(composer)
        self._themes = themes
        self._facts = facts
        self._line = line
        self._sending = sending
        self._composer = composer
        self._presetting = presetting
        self.chips = PaneChips()
        composer.put_above(self.chips)
        composer.sent.connect(self._send)
        composer.stop_wanted.connect(sending.stop)
        composer.last_wanted.connect(self._repeat_last)
        composer.reading_wanted.connect(self._turn_pages)
        self.chips.toggled.connect(self._toggle)
        sending.changed.connect(self.show_state)
        line.model_changed.connect(self.show_panes)
        line.answering_changed.connect(self.show_panes)
        themes.changed.connect(self._themed)

    @Slot()
    def show_panes(self) -> None:
        """Say anew which panes there are and which of them take part."""
        if self._composer.isHidden():
            return  # a single chat has a composer of its own
        mark = self._themes.current.mark
        models = [pane.conversation.model for pane in self._line]
        chips = [PaneChip(self._facts.name(ref), mark(ref), on) for ref, on in zip(models, self._line.on, strict=True)]
        self.chips.show_chips(chips, self._themes.current)
        self._composer.set_targets([pane.target for pane, on in zip(self._line, self._line.on, strict=True) if on])
        self._presetting.show()

    @Slot()
    def show_state(self) -> None:
        """Say whether answers are being made, and how many prompts wait for their end."""
        self._composer.set_answering(any(pane.answers for pane in self._line), queues=True)
        self._composer.line.say_waiting(self._sending.waiting)

    @Slot(str)
    def _send(self, text: str) -> None:
        if self._sending.send(text):
            self._composer.put("")
            self.sent.emit(title_of(text))

    @Slot(int)
    def _toggle(self, place: int) -> None:
        self._line.set_on(place, on=not self._line.on[place])
        self.toggled.emit()

    @Slot()
    def _repeat_last(self) -> None:
        """Bring the last prompt back, to be sent again to all."""
        prompts = [prompt for pane in self._line if (prompt := tree.last_prompt(pane.conversation))]
        if prompts:
            self._composer.put(prompts[0])

    @Slot(int)
    def _turn_pages(self, key: int) -> None:
        """What is compared is read side by side."""
        for pane in self._line:
            pane.transcript.turn_page(key)

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        self._composer.themed(theme)
        self.show_panes()
