"""ChatbotUI's first format: conversations in a row, without times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from desktop.transfer.archives.loose_json import table, tables, text
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    finished,
    identity,
    speaker,
    text_node,
)
from desktop.transfer.message_trees import Node

_SOURCE = "chatbotui"


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one entry of `history`."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(entry.get("messages"))):
        role = speaker(message.get("role"), lost)
        nodes.append(text_node(str(place), nodes[-1].id if nodes else None, role, text(message.get("content"))))
    model = entry.get("model")
    title = text(entry.get("name"))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=text(entry.get("id"))
            or identity(title, *(text(each.get("content")) for each in tables(entry.get("messages")))),
            title=title,
            model=text(table(model).get("id")) or text(model),
            nodes=nodes,
            system=text(entry.get("prompt")),
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="ChatbotUI", drafts=drafts)
