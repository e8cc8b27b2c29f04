"""One prompt asked several times of one model: panes of a comparison, so that its noise is seen before differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import Arrangement, PaneState, new_comparison
from desktop.domain.conversation_types import new_id
from desktop.services import Services
from desktop.settings.schema import MOST_SHOWN_PANES
from desktop.text.token_estimate import estimate_tokens
from ui.base.figures_text import estimate_text
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr, trn
from ui.composer.composer import Composer
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.window.title_bar import TitleBar
from ui.workspace.repeated_prompt import RepeatedPrompt, is_repeatable, repeated
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.compare.repeats_popover import RepeatsPopover

_LONGEST = 80
_IN_A_ROW = 3
"""So many panes stand side by side; more of them in a grid."""


class PromptRepeats(QObject):
    """Asks how often in a popover. What was shown before stays in the list, its answers with it."""

    refused = Signal(str)
    """There is nothing to ask: why, in a sentence."""

    def __init__(self, services: Services, workspace: Workspace, bar: TitleBar, drafts: Drafts) -> None:
        super().__init__(workspace)
        self._services = services
        self._facts = ModelFacts(services)
        self._workspace = workspace
        self._bar = bar
        self._drafts = drafts
        self._offered: Sequence[RepeatedPrompt] = ()
        self.popover: RepeatsPopover | None = None

    @property
    def is_possible(self) -> bool:
        """Whether there is a prompt that a model can be asked."""
        return any(is_repeatable(pane, field, typed) for pane, field, typed in self._fields() if self._serves(pane))

    @Slot()
    def open(self) -> None:
        """Ask how often the prompt is to be asked that is typed, else the last one of the conversation."""
        self._offered = self._prompts()
        if not self._offered:
            self.refused.emit(self._why_not())
            return
        if self.popover is None:
            # Late: the first paint does without.
            from ui.compare.repeats_popover import RepeatsPopover

            self.popover = RepeatsPopover(self._told, self._cost, self._bar)
            self.popover.wanted.connect(self._take)
        panes = [each.pane for each in self._offered]
        active = self._workspace.pane
        names = [self._called(each) for each in self._offered]
        most = max(self._services.settings.get(MOST_SHOWN_PANES), 2)
        anchor = self._bar.anchor(self._bar.add_pane)
        self.popover.choose(anchor, names, panes.index(active) if active in panes else 0, most)

    def _serves(self, pane: Pane) -> bool:
        return self._facts.connection(pane.conversation.model) is not None

    def _prompts(self) -> list[RepeatedPrompt]:
        """What each pane's model could be asked; only of the one that the prompt names where it names one."""
        asked = (repeated(*each) for each in self._fields())
        return [each for each in asked if each is not None and self._facts.connection(each.base.model) is not None]

    def _fields(self) -> Iterator[tuple[Pane, Composer, Prompt]]:
        """The panes that could be asked by now, each with the field that is for it and what is typed there."""
        workspace = self._workspace
        several, active = workspace.comparison is not None, workspace.pane
        own = active.composer
        field = own if not several or (not own.isHidden() and own.text.strip()) else workspace.composer
        typed, panes = field.prompt, tuple(workspace.line)
        if field is own:
            panes = (active,)
        elif typed.text:
            said = workspace.sending.addressed(typed.text)
            if said.named or said.unmatched:
                typed, panes = Prompt(said.prompt, typed.files), tuple(workspace.line[place] for place in said.places)
        return ((pane, field, typed) for pane in panes if not pane.answers)

    def _why_not(self) -> str:
        workspace = self._workspace
        if any(pane.answers for pane in workspace.line):
            return tr("Wait until the response has ended.")
        model = workspace.pane.conversation.model
        if self._facts.connection(model) is None:
            return self._facts.destination(model)
        return tr("There is no prompt to repeat: type one.")

    def _called(self, asked: RepeatedPrompt) -> str:
        ref = asked.base.model
        name = tr("{model} of {connection}", model=self._facts.name(ref), connection=ref.connection)
        if sum(each.base.model == ref for each in self._offered) > 1:
            return tr("{model} ({number})", model=name, number=self._workspace.line.place(asked.pane) + 1)
        return name

    def _told(self, at: int) -> str:
        """Which prompt it is, and what goes along."""
        asked = self._offered[at]
        text = " ".join(asked.prompt.text.split())
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        if asked.field is not None:
            said = [tr("The typed prompt: “{prompt}”", prompt=text)]
        else:
            said = [tr("The last prompt: “{prompt}”", prompt=text)]
        if asked.turns:
            said.append(trn("Includes the previous turn.", "Includes the previous {n} turns.", asked.turns))
        said.append(tr("System prompt and parameters stay the same."))
        return " ".join(said)

    def _cost(self, at: int, times: int) -> str:
        """What all of it comes to, as fields of several panes say it."""
        asked = self._offered[at]
        entry = self._facts.entry(asked.base.model)
        files = asked.field.attached.tokens(entry) if asked.field is not None else 0
        tokens = estimate_tokens(asked.prompt.text) + files + self._facts.history_tokens(asked.base)
        return estimate_text([(tokens, entry)] * times)

    @Slot(int, int)
    def _take(self, at: int, times: int) -> None:
        asked = self._offered[at]
        field = asked.field

        def ask() -> None:
            """Files that were on their way are attached by now."""
            files = field.attached.parts if field is not None else asked.prompt.files
            self._ask(msgspec.structs.replace(asked, prompt=Prompt(asked.prompt.text, files)), times)

        if field is None or not field.attached.hold(ask):
            ask()

    def _ask(self, asked: RepeatedPrompt, times: int) -> None:
        """Each answer is a pane of a new comparison, which can be gone on with."""
        made = asked.conversations(times)
        asked.take()
        states = tuple(
            PaneState(conversation=each.id, model=each.model, system=each.system, parameters=each.parameters)
            for each in made
        )
        lies = Arrangement.ROW if times <= _IN_A_ROW else Arrangement.GRID
        comparison = msgspec.structs.replace(new_comparison(states, of=made), arrangement=lies)
        self._workspace.show_comparison(comparison, {each.id: each for each in made})
        turn = new_id()
        for each, pane in zip(made, self._workspace.line, strict=True):
            self._drafts.carry(each, asked.base)
            pane.send(asked.prompt, turn=turn)
        self._workspace.focus_composer()
