"""A search hit: its message, and a snippet with highlighted words."""

from __future__ import annotations

from datetime import datetime

from desktop.domain.conversation_types import ConversationSummary, Value


class SearchHit(Value, frozen=True, kw_only=True):
    """A message that contains all search words. `snippet` is plain text; `marks` are the positions of matches in it.

    Each mark is a start and an end in characters.
    """

    conversation: ConversationSummary
    message_id: str
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    at: datetime | None = None
