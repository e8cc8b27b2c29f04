"""Merges responses: options in a popover, and the result in a new conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import ModelRef
from desktop.session import context_window
from desktop.session.prompt_title import title_of
from desktop.session.session import new_conversation
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.compare.pane_facts import ShownPane, distinct
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.compare.merge_popover import MergePopover


class AnswerMerge(QObject):
    """Opens the popover for merging responses, and sends the merge prompt. `panes` returns the comparison's panes."""

    refused = Signal(str)
    """Emitted with the reason why there is nothing to merge."""

    def __init__(
        self,
        facts: ModelFacts,
        tasks: Tasks,
        workspace: Workspace,
        bar: TitleBar,
        panes: Callable[[], Sequence[ShownPane]],
    ) -> None:
        super().__init__(workspace)
        self._facts = facts
        self._tasks = tasks
        self._workspace = workspace
        self._bar = bar
        self._panes = panes
        self.popover: MergePopover | None = None
        bar.merge.clicked.connect(self.open)

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
            self._bar.anchor(self._bar.merge), distinct(self._panes()), models, [self._called(ref) for ref in models]
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
        """Send the merge prompt in a new chat named after the question. The comparison stays in the list."""
        made = msgspec.structs.replace(new_conversation(ref), title=tr("Merged: {title}", title=title_of(question)))
        self._workspace.show_conversation(made)
        self._workspace.line[0].send(Prompt(prompt))
        self._workspace.focus_composer()


def _is_silent(pane: Pane) -> bool:
    """Whether a pane has no complete response to merge."""
    return pane.answers or pane.failed or not pane.conversation.messages
