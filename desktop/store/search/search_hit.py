"""Search hit: position and snippet with highlighted words."""

from __future__ import annotations

from datetime import datetime

from desktop.domain.conversation_types import ConversationSummary, Value


class SearchHit(Value, frozen=True, kw_only=True):
    """A message that contains all words. `snippet` is plain text; `marks` are match positions in it.

    Each mark is a start and end in characters.
    """

    conversation: ConversationSummary
    message_id: str
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    at: datetime | None = None
