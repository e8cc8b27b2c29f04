"""Collects changes to the current comparison and saves them shortly afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.domain.comparison import Comparison, PaneState
from desktop.domain.conversation_types import Conversation, now
from desktop.session.session import new_conversation
from ui.composer.carried import remade
from ui.composer.composer import Composer
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.pane.temporary_mode import TemporaryMode
from ui.workspace.area import PaneArea
from ui.workspace.dispatch import Dispatch
from ui.workspace.pane_list import PaneList

SAVE_MS = 400
"""Delay before collected changes are saved."""


class ComparisonSaver(QObject):
    """Saves the current comparison. There is none while a single chat is shown."""

    due = Signal(object)
    """Emitted with the Comparison to save. A comparison that was never used is not saved."""

    emptied = Signal(str)
    """Emitted with the ID of a comparison that has become empty and need not be stored any longer."""

    def __init__(
        self,
        line: PaneList,
        sending: Dispatch,
        area: PaneArea,
        composer: Composer,
        drafts: Drafts,
        mode: TemporaryMode,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._line = line
        self._sending = sending
        self._area = area
        self._composer = composer
        self._drafts = drafts
        self._comparison: Comparison | None = None
        self._kept = False
        self._begun: tuple[object, ...] | None = None
        """Models, prompts and parameters of the panes as it began; None until that is known."""
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self._save)
        composer.back.keep_in(drafts, lambda: self._comparison.id if self._comparison is not None else "")
        composer.changed.connect(self.later)
        composer.changed.connect(self._keep_beside)
        area.shares_changed.connect(self.later)
        sending.chosen.connect(self.later)
        line.model_changed.connect(self.later)
        line.prompting_changed.connect(self.later)
        line.shown_changed.connect(self.later)
        line.scrolled.connect(self.later)
        line.typed.connect(self.later)
        line.saved.connect(self._used)

    @property
    def comparison(self) -> Comparison | None:
        """The current comparison, or None for a single chat."""
        return self._comparison

    def draft(self, comparison: Comparison) -> Prompt:
        """Return the shared draft of a comparison, with its attachments and returned prompts."""
        kept = self._drafts.get(comparison.id)
        return Prompt(comparison.draft, kept.files, kept.behind)

    def sources(self, comparison: Comparison) -> tuple[str, ...]:
        """Return the IDs of the stored conversations that panes continue without having sent anything."""
        found = (self._drafts.begins(state.conversation) for state in comparison.panes)
        return tuple(each.source for each in found if each is not None)

    def conversation(self, state: PaneState, found: Mapping[str, Conversation]) -> Conversation:
        """Return the stored conversation of a pane, or rebuild a conversation that is not stored yet."""
        if state.conversation in found:
            self._drafts.was_kept(state.conversation)
            return found[state.conversation]
        empty = new_conversation(state.model, system=state.system, parameters=state.parameters, tools=state.tools)
        empty = msgspec.structs.replace(empty, id=state.conversation or empty.id)
        begins = self._drafts.begins(state.conversation)
        source = found.get(begins.source) if begins is not None else None
        return empty if begins is None or source is None else remade(empty, begins, source)

    def is_gone(self, state: PaneState, found: Mapping[str, Conversation]) -> bool:
        """Whether the messages of a pane are no longer in the store."""
        begins = self._drafts.begins(state.conversation)
        had_messages = state.said if begins is None else begins.source not in found
        return had_messages and state.conversation not in found

    @Slot()
    def _keep_beside(self) -> None:
        """Store attachments and returned prompts as a draft, because a comparison contains only the text."""
        if self._mode.is_on:
            self._mode.attach(self._composer.attached.parts)
        elif self._comparison is not None:
            draft = self._composer.back.whole
            self._drafts.set(self._comparison.id, Prompt(files=draft.files, behind=draft.behind))

    def begin(self, comparison: Comparison | None) -> None:
        """Switch to another comparison, or to none."""
        self._timer.stop()
        self._comparison = comparison
        self._kept = comparison is not None and bool(comparison.draft)
        self._begun = _set_up(comparison.panes) if comparison is not None and comparison.panes else None
        if comparison is not None and _is_set_up(comparison):
            self._begun = ()

    def change(self, **fields: object) -> None:
        """Change fields of the comparison, if there is one."""
        if self._comparison is not None:
            self._comparison = msgspec.structs.replace(self._comparison, **fields)
            self.later()

    @Slot()
    def later(self) -> None:
        """Schedule saving the changes."""
        if self._comparison is not None:
            self._timer.start()

    def flush(self) -> None:
        """Save pending changes at once."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()

    def end(self) -> None:
        """Save pending changes at once and stop, because the window is being closed."""
        self.flush()
        self._comparison = None

    @Slot(str)
    def _used(self, conversation: str) -> None:
        """Mark the comparison as used now, if the conversation belongs to it."""
        if any(pane.conversation_id == conversation for pane in self._line):
            self.change(updated_at=now())

    @Slot()
    def _save(self) -> None:
        if self._comparison is None or self._mode.is_on:
            return
        states = tuple(
            self._state(pane, on=on, size=share)
            for pane, on, share in zip(self._line, self._line.on, self._area.shares, strict=True)
        )
        self._comparison = msgspec.structs.replace(
            self._comparison,
            panes=states,
            draft=self._composer.text,
            winners=self._sending.winners,
            heights=self._area.heights,
        )
        if self._begun is None:
            self._begun = _set_up(states)
        chosen = _set_up(states) != self._begun
        said = any(pane.conversation.messages or pane.answers or pane.writing.draft for pane in self._line)
        if chosen or said or self._composer.back.whole:
            self._kept = True
            self.due.emit(self._comparison)
        elif self._kept and not self._comparison.title:
            self._kept = False
            self.emptied.emit(self._comparison.id)

    def _state(self, pane: Pane, *, on: bool, size: float) -> PaneState:
        conversation = pane.conversation
        sent = self._drafts.begins(conversation.id) is None
        return PaneState(
            conversation=conversation.id,
            model=conversation.model,
            system=conversation.system,
            parameters=conversation.parameters,
            tools=conversation.tools,
            on=on,
            size=round(size, 4),
            said=(sent and bool(conversation.messages)) or pane.answers,
            scroll=pane.body.reading_at,
            mark=pane.mark,
        )


def _set_up(panes: Sequence[PaneState]) -> tuple[object, ...]:
    """Return what users can choose for panes: models, system prompts and parameters."""
    return tuple((each.model, each.system, each.parameters, each.tools) for each in panes)


def _is_set_up(comparison: Comparison) -> bool:
    """Whether a comparison is worth saving only because of its panes' setup: nothing was sent or typed."""
    listed = any(each.conversation for each in comparison.panes)
    said = comparison.title or comparison.draft or any(each.said for each in comparison.panes)
    return listed and not said
