"""Sends a prompt to one model several times, in the panes of a comparison, to show how much its responses vary."""

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
"""Maximum number of panes in a row; if there are more, they form a grid."""


class PromptRepeats(QObject):
    """Asks how often to send a prompt, and sends it. The previous conversation stays in the list."""

    refused = Signal(str)
    """Emitted with the reason why there is no prompt to send."""

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
        """Whether there is a prompt and a model that can receive it."""
        if self._workspace.is_temporary:
            return False  # its responses would be saved
        fields = self._fields()
        return any(is_repeatable(pane, field, typed) for pane, field, typed in fields if self._serves(pane))

    @Slot()
    def open(self) -> None:
        """Open the popover for the typed prompt, or else for the last one."""
        self._offered = self._prompts()
        if not self._offered:
            self.refused.emit(self._why_not())
            return
        if self.popover is None:
            # Imported late, because the first paint does not need it.
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
        """Return the prompt for each pane, or only for the panes that it addresses."""
        asked = (repeated(*each) for each in self._fields())
        return [each for each in asked if each is not None and self._facts.connection(each.base.model) is not None]

    def _fields(self) -> Iterator[tuple[Pane, Composer, Prompt]]:
        """Yield the panes that can repeat a prompt, each with its prompt field and the typed prompt."""
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
            return tr("Wait until the response ends.")
        model = workspace.pane.conversation.model
        if self._facts.connection(model) is None:
            return self._facts.destination(model)
        return tr("There is no prompt to repeat. Type a prompt.")

    def _called(self, asked: RepeatedPrompt) -> str:
        ref = asked.base.model
        name = tr("{model} from {connection}", model=self._facts.name(ref), connection=ref.connection)
        if sum(each.base.model == ref for each in self._offered) > 1:
            return tr("{model} ({number})", model=name, number=self._workspace.line.place(asked.pane) + 1)
        return name

    def _told(self, at: int) -> str:
        """Describe the prompt at an index, and the history that is sent with it."""
        asked = self._offered[at]
        text = " ".join(asked.prompt.text.split())
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        if asked.field is not None:
            sentences = [tr("Typed prompt: “{prompt}”", prompt=text)]
        else:
            sentences = [tr("Last prompt: “{prompt}”", prompt=text)]
        if asked.turns:
            sentences.append(trn("Includes the previous turn.", "Includes the previous {n} turns.", asked.turns))
        sentences.append(tr("System prompt and parameters stay the same."))
        return " ".join(sentences)

    def _cost(self, at: int, times: int) -> str:
        """Estimate the total cost of sending the prompt at an index a number of times."""
        asked = self._offered[at]
        entry = self._facts.entry(asked.base.model)
        files = asked.field.attached.tokens(entry) if asked.field is not None else 0
        tokens = estimate_tokens(asked.prompt.text) + files + self._facts.history_tokens(asked.base)
        return estimate_text([(tokens, entry)] * times)

    @Slot(int, int)
    def _take(self, at: int, times: int) -> None:
        repeated_prompt = self._offered[at]
        field = repeated_prompt.field

        def ask() -> None:
            """Send the prompt. Called once pending files are attached."""
            files = field.attached.parts if field is not None else repeated_prompt.prompt.files
            self._ask(
                msgspec.structs.replace(repeated_prompt, prompt=Prompt(repeated_prompt.prompt.text, files)), times
            )

        if field is None or not field.attached.hold(ask):
            ask()

    def _ask(self, asked: RepeatedPrompt, times: int) -> None:
        """Send the prompt in a new comparison, in which each pane can be continued."""
        conversations = asked.conversations(times)
        asked.take()
        states = tuple(
            PaneState(
                conversation=each.id,
                model=each.model,
                system=each.system,
                parameters=each.parameters,
                tools=each.tools,
            )
            for each in conversations
        )
        lies = Arrangement.ROW if times <= _IN_A_ROW else Arrangement.GRID
        comparison = msgspec.structs.replace(new_comparison(states, of=conversations), arrangement=lies)
        self._workspace.show_comparison(comparison, {each.id: each for each in conversations})
        turn = new_id()
        for each, pane in zip(conversations, self._workspace.line, strict=True):
            self._drafts.carry(each, asked.base)
            pane.send(asked.prompt, turn=turn)
        self._workspace.focus_composer()
