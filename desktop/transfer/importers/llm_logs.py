"""The `llm` command's log: prompts and responses in a row, as rows of its database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from desktop.domain import Figures, Role, TextPart, Usage
from desktop.transfer.drafts import Draft, Format, Lost, Outline, finished, joined
from desktop.transfer.loose import number, table, tables, text, when, whole
from desktop.transfer.trees import Node

_SOURCE = "llm"
_LONGEST_MS = 86_400_000


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one row with its responses, oldest first."""
    entry = table(item)
    nodes: list[Node] = []
    systems: list[str] = []
    for response in tables(entry.get("responses")):
        nodes += _turn(response, nodes[-1].id if nodes else None)
        systems.append(text(response.get("system")))
    lost = Counter({Lost.ATTACHMENT: whole(entry.get("attachments")) or 0})
    return finished(
        Outline(
            source=_SOURCE,
            id=text(entry.get("id")),
            title=text(entry.get("name")),
            model=text(entry.get("model")),
            nodes=nodes,
            system=next(filter(None, systems), ""),
            lost=+lost,
        ),
        now,
    )


FORMAT = Format(name="llm", drafts=drafts)


def _turn(response: Mapping[str, object], before: str | None) -> list[Node]:
    id_ = text(response.get("id"))
    duration_ms = number(response.get("duration_ms"))
    asked = when(response.get("datetime_utc"))
    sent, answered = whole(response.get("input_tokens")), whole(response.get("output_tokens"))
    answered_at = asked + timedelta(milliseconds=min(int(duration_ms), _LONGEST_MS)) if asked and duration_ms else asked
    return [
        Node(
            id=f"{id_}/prompt",
            parent=before,
            role=Role.USER,
            parts=joined([TextPart(text=text(response.get("prompt")))]),
            at=asked,
        ),
        Node(
            id=id_,
            parent=f"{id_}/prompt",
            role=Role.ASSISTANT,
            parts=joined([TextPart(text=text(response.get("response")))]),
            at=answered_at,
            model=text(response.get("model")),
            usage=Usage(input_tokens=sent, output_tokens=answered) if sent or answered else None,
            figures=Figures(duration_ms=duration_ms) if duration_ms else None,
        ),
    ]
