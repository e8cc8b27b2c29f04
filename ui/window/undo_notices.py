"""Notices that offer to undo closing panes, and deleting and archiving conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from ui.base.model_facts import ModelFacts
from ui.base.strings import tr, trn
from ui.pane.pane import Pane
from ui.sidebar.entries import UNTITLED
from ui.sidebar.library import Library
from ui.widgets.announcement import announce
from ui.widgets.labels import within_sentence
from ui.widgets.notice_bar import UNDO_MS, NoticeBar, NoticeStack
from ui.workspace.workspace import Workspace
from ui.workspace.workspace_presets import ReplacedPrompt


class UndoNotices(QObject):
    """Shows notices with an Undo button."""

    def __init__(self, facts: ModelFacts, library: Library, workspace: Workspace, notices: NoticeStack) -> None:
        super().__init__(workspace)
        self._facts = facts
        self._library = library
        self._workspace = workspace
        self._notices = notices
        self._offers: list[NoticeBar] = []
        self._of_panes: dict[NoticeBar, str] = {}
        """Those of closed panes, with the ids of their comparisons."""
        workspace.places.closed.connect(self._after_close)
        workspace.comparison_shown.connect(self._end_those_of_others)
        workspace.presetting.replaced.connect(self._after_preset)
        workspace.composer.back.undo_offered.connect(self.offer)
        workspace.line.undo_offered.connect(self.offer)

    @property
    def is_offered(self) -> bool:
        """Whether a notice currently offers to undo anything."""
        return bool(self._offers)

    @Slot()
    def undo(self) -> None:
        """Undo the most recent action for which a notice is shown."""
        if self._offers:
            self._offers[-1].act()

    def after_trash(
        self, ids: Sequence[str], title: str, reopen: Callable[[], None] | None, panes: Sequence[Pane] = ()
    ) -> None:
        """Offer to restore deleted conversations. `reopen` shows them again if they were visible.

        `panes` are the panes that were removed from their comparison.
        """
        sentence = tr("“{title}” is in the trash.", title=within_sentence(title or tr(UNTITLED)))
        if len(ids) > 1:
            sentence = trn("{n} conversation is in the trash.", "{n} conversations are in the trash.", len(ids))
        bar = self.offer(sentence, partial(self._bring_back, ids, reopen))
        for pane in panes:
            bar.dismissed.connect(partial(self._forget, pane))

    @Slot(object, str)
    def after_archive(self, ids: Sequence[str], title: str) -> None:
        """Offer to undo archiving."""
        said = tr("“{title}” is in the archive.", title=within_sentence(title or tr(UNTITLED)))
        if len(ids) > 1:
            said = trn("{n} conversation is in the archive.", "{n} conversations are in the archive.", len(ids))
        self.offer(said, partial(self._library.archive, ids, archived=False))

    @Slot(object, int)
    def _after_close(self, pane: Pane, place: int) -> None:
        name, comparison = self._facts.name(pane.conversation.model), self._workspace.comparison
        of = comparison.id if comparison else ""
        back = partial(self.put_back, pane, place, of)
        bar = self.offer(tr("The pane with {model} was closed.", model=within_sentence(name)), back)
        self._of_panes[bar] = of
        bar.dismissed.connect(lambda: self._of_panes.pop(bar, None))
        bar.dismissed.connect(partial(self._forget, pane))

    @Slot()
    def _end_those_of_others(self) -> None:
        """Remove the offers to restore panes of comparisons that are no longer visible."""
        shown = self._workspace.comparison
        for bar, of in tuple(self._of_panes.items()):
            if shown is None or shown.id != of:
                bar.dismiss()

    @Slot(str, object)
    def _after_preset(self, title: str, replaced: Sequence[ReplacedPrompt]) -> None:
        said = tr("“{title}” replaced your own system prompt.", title=within_sentence(title))
        self.offer(said, partial(self._workspace.presetting.put_back, replaced))

    @Slot(str, object)
    def offer(self, said: str, back: Callable[[], None]) -> NoticeBar:
        """Show a notice with an Undo button. The shortcut applies to the newest one."""
        bar = self._notices.show_notice(said, tone="plain", action=tr("Undo"), act=back, life_ms=UNDO_MS)
        self._offers.append(bar)
        bar.dismissed.connect(lambda: self._offers.remove(bar))
        return bar

    def _forget(self, pane: Pane) -> None:
        if pane not in self._workspace.line:
            self._workspace.line.give_back(pane)

    def put_back(self, pane: Pane, place: int, comparison: str) -> None:
        """Restore a closed pane at its index, if its comparison is visible."""
        shown = self._workspace.comparison
        if shown is not None and shown.id == comparison:
            self._workspace.places.put_back(pane, place)
            announce(self._workspace, tr("Added: {pane}", pane=pane.accessibleName()))

    def _bring_back(self, ids: Sequence[str], reopen: Callable[[], None] | None) -> None:
        self._library.restore(ids, reopen)  # only then: a comparison opens without the chats in the trash
        announce(self._workspace, trn("{n} conversation was restored.", "{n} conversations were restored.", len(ids)))
