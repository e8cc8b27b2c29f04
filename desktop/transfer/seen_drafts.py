"""What becomes of each conversation of an import: it is new, there already, in the trash, or soon deleted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from desktop.domain import ConversationSummary, bounded_time
from desktop.phrases import phrase
from desktop.store.retention import RetentionRule
from desktop.transfer.import_drafts import Draft
from desktop.transfer.import_losses import told
from desktop.transfer.import_report import ItemState, ReportItem
from desktop.transfer.import_variety import Variety

_DUE = phrase("Older than the retention period (Settings › Storage): deleted permanently at the next start")


@dataclass
class SeenDrafts:
    """What of the files was seen before; `rule` and the time `at` which it is kept tell what will not stay."""

    rule: RetentionRule
    at: datetime
    ids: set[str] = field(default_factory=set[str])
    variety: Variety = field(default_factory=Variety)

    def item(self, draft: Draft, kept: Mapping[str, ConversationSummary]) -> ReportItem:
        """What becomes of a draft, where these conversations are kept already."""
        conversation = draft.conversation
        state, reasons = ItemState.NEW, draft.losses
        found = kept.get(conversation.id)
        if found is not None and found.trashed_at is not None:
            state, reasons = ItemState.TRASHED, ()
        elif found is not None or conversation.id in self.ids:
            state, reasons = ItemState.HERE, ()
            if found is not None and found.message_count < len(conversation.messages):
                more = len(conversation.messages) - found.message_count
                reasons = (told(phrase("Messages that were added later: the conversation here stays unchanged"), more),)
        self.ids.add(conversation.id)
        spoken_at = bounded_time(conversation.updated_at)
        is_due = self.rule.is_due(conversation.model.connection, spoken_at, self.at, pinned=draft.pinned)
        if state is ItemState.NEW and is_due:
            reasons = (*reasons, _DUE)
        return ReportItem(
            title=conversation.title,
            state=state,
            id=conversation.id,
            messages=len(conversation.messages),
            updated_at=spoken_at,
            reasons=reasons,
        )
