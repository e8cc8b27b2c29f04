"""A hit of a search: where it is, and a piece of its text with the places of the words."""

from __future__ import annotations

from datetime import datetime

from desktop.domain.conversation_types import ConversationSummary, Value


class SearchHit(Value, frozen=True, kw_only=True):
    """A message that holds all the words searched for. `snippet` is plain text; `marks` are the words' places in it.

    Each place is where a word begins and ends, in characters of the snippet. `at` is when the message was written; None
    where there is none.
    """

    conversation: ConversationSummary
    message_id: str
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    at: datetime | None = None
