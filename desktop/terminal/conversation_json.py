"""JSON output of conversations."""

from __future__ import annotations

from desktop.domain.conversation_types import ConversationSummary


def described(summary: ConversationSummary) -> dict[str, object]:
    """Return a conversation's JSON output."""
    return {
        "id": summary.id,
        "title": summary.title,
        "model": str(summary.model),
        "updated_at": summary.updated_at,
        "message_count": summary.message_count,
        "tags": list(summary.tags),
    }
