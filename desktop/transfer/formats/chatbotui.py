"""ChatbotUI's first export format: conversations without branches or times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from desktop.transfer.archives.loose_json import table, tables, text
from desktop.transfer.import_drafts import (
    Draft,
    Fields,
    Format,
    Lost,
    finished,
    identity,
    speaker,
    text_node,
)
from desktop.transfer.message_trees import Node, last_id

_FIELDS = Fields(source="chatbotui", title=("name",), model=("model.id", "model"), system=("prompt",))


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one entry of `history`."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    messages = tables(entry.get("messages"))
    for place, message in enumerate(messages):
        role = speaker(message.get("role"), lost)
        nodes.append(text_node(str(place), last_id(nodes), role, text(message.get("content"))))
    outline = _FIELDS.outline(entry, nodes, lost)
    outline.id = outline.id or identity(outline.title, *(text(message.get("content")) for message in messages))
    return finished(outline, now)


FORMAT = Format(name="ChatbotUI", drafts=drafts)
