"""Merges responses: options in a popover, and the result in a chat beside the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import PanelName
from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from desktop.session import context_window
from desktop.session.prompt_title import title_of
from desktop.session.session import new_conversation
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.pane_facts import distinct
from ui.compare.panel_frame import Panel
from ui.pane.pane import Pane
from ui.sidebar.library import Library
from ui.window.comparison_panels import ComparisonPanels
from ui.window.desk import Desk
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.compare.merge_popover import MergePopover
    from ui.window.merged_panel import MergedPanel


class AnswerMerge(QObject):
    """Merges responses of a comparison into a chat beside it, and links that chat and the comparison to each other."""

    refused = Signal(str)
    """Emitted with the reason why there is nothing to merge."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        desk: Desk,
        library: Library,
        workspace: Workspace,
        bar: TitleBar,
        panels: ComparisonPanels,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._facts = ModelFacts(services)
        self._tasks = tasks
        self._themes = themes
        self._desk = desk
        self._library = library
        self._workspace = workspace
        self._bar = bar
        self._panels = panels
        self._source = ""
        self.panel: MergedPanel | None = None
        self.popover: MergePopover | None = None
        panels.makers[PanelName.MERGED] = self._made
        bar.merge.clicked.connect(self.open)
        bar.source_wanted.connect(self._open_source)
        for signal in (library.changed, workspace.comparison_shown, workspace.line.shown_changed):
            signal.connect(self._show_source)

    @Slot()
    def open(self) -> None:
        """Open the popover with the options."""
        if self._workspace.comparison is None:
            self.refused.emit(tr("Merging needs several panes: add a pane."))
            return
        if self.popover is None:
            # Imported late, because the first paint does not need it.
            from ui.compare.merge_popover import MergePopover

            self.popover = MergePopover(self._room_of, self._facts.without_keys, self._bar)
            self.popover.wanted.connect(self._merge)
        models = self._models()
        self.popover.choose(
            self._bar.anchor(self._bar.merge),
            distinct(self._panels.panes),
            models,
            [self._called(ref) for ref in models],
        )
        if not self._facts.keys.are_all_read:
            self._tasks.start(self._show_without_keys(self.popover), name="merge.keys")

    async def _show_without_keys(self, popover: MergePopover) -> None:
        """Update the visible prompt once keys from earlier sessions are loaded and can be masked."""
        await self._facts.keys.read_all()
        if popover.isVisible():
            popover.renew()

    def _models(self) -> list[ModelRef]:
        """Return the models that can merge: those of the panes, the default one and all known ones.

        Models of panes that have responded come first.
        """
        own = [pane.conversation.model for pane in sorted(self._workspace.line, key=_is_silent)]
        return [ref for ref in dict.fromkeys((*own, *self._facts.known())) if self._facts.connection(ref)]

    def _called(self, ref: ModelRef) -> str:
        return tr("{model} from {connection}", model=self._facts.name(ref), connection=ref.connection)

    def _room_of(self, ref: ModelRef) -> int | None:
        """Return the maximum size of a prompt for a model in tokens, or None if it is unknown."""
        window = self._facts.window(ref)
        if window is None:
            return None
        return max(window - context_window.reserve(new_conversation(ref), self._facts.entry(ref)), 0)

    @Slot(str, object, str)
    def _merge(self, prompt: str, ref: ModelRef, question: str) -> None:
        """Send the merge prompt once all keys to mask are loaded."""
        if self._facts.keys.are_all_read:
            self._ask(prompt, ref, question)
        else:
            self._tasks.start(self._ask_without_keys(prompt, ref, question), name="merge.ask")

    async def _ask_without_keys(self, prompt: str, ref: ModelRef, question: str) -> None:
        await self._facts.keys.read_all()
        self._ask(self._facts.without_keys(prompt), ref, question)

    def _ask(self, prompt: str, ref: ModelRef, question: str) -> None:
        """Send the merge prompt in a new chat beside the comparison, named after the question."""
        comparison = self._workspace.comparison
        if comparison is None:
            return  # it was left while keys were loaded
        made = msgspec.structs.replace(new_conversation(ref), title=tr("Merged: {title}", title=title_of(question)))
        self._panels.open_panel(PanelName.MERGED)
        assert self.panel is not None
        self.panel.ask(made, prompt)
        self._workspace.kept.change(merges=(*comparison.merges, made.id))
        self._workspace.panes_changed.emit()

    def _made(self) -> Panel:
        from ui.window.merged_panel import MergedPanel  # the first paint needs none

        self.panel = MergedPanel(self._services, self._tasks, self._themes.current, self._workspace)
        self.panel.chat_wanted.connect(self._desk.open_conversation)
        self.panel.failed.connect(self._desk.say_error)
        return self.panel

    @Slot()
    @Slot(object)
    def _show_source(self) -> None:
        """Offer the comparison whose responses are merged in the visible chat, and fold that chat's long prompt."""
        source = None
        if self._workspace.comparison is None:
            shown = self._workspace.line[0].conversation_id
            source = next((each for each in self._library.comparisons if shown in each.merges), None)
        found = source.id if source is not None else ""
        if found != self._source:
            self._source = found
            self._bar.show_source(source.title if source is not None else None)
            self._workspace.line[0].transcript.fold_first(on=bool(found))

    @Slot()
    def _open_source(self) -> None:
        self._desk.open_comparison(self._source)


def _is_silent(pane: Pane) -> bool:
    """Whether a pane has no complete response to merge."""
    return pane.answers or pane.failed or not pane.conversation.messages
