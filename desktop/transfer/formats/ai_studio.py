"""Google AI Studio's prompts as stored in Google Drive: one file per prompt, with chunks of text and reasoning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import table, tables, text, when
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, Lost, attachment, finished, joined, ran
from desktop.transfer.message_trees import Node, last_id

_SOURCE = "ai-studio"
_FILES = ("driveDocument", "driveImage", "driveVideo", "driveAudio", "inlineFile", "inlineImage", "youtubeVideo")


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one prompt, named after its file."""
    entry = table(item)
    title, prompt = text(entry.get("title")), table(entry.get("prompt"))
    chunks = tables(table(prompt.get("chunkedPrompt")).get("chunks"))
    model = text(table(prompt.get("runSettings")).get("model")).removeprefix("models/")
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for role, run in groupby(chunks, key=lambda each: each.get("role")):
        nodes.append(_node(role, [*run], last_id(nodes), len(nodes), lost))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=f"{title} {text(chunks[0].get('text')) if chunks else ''}",
            title=title,
            model=model,
            nodes=nodes,
            system=_instruction(table(prompt.get("systemInstruction"))),
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Google AI Studio", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether a file contains a prompt of AI Studio."""
    return "chunkedPrompt" in entry


def _instruction(held: Mapping[str, object]) -> str:
    said = (text(held.get("text")), *(text(part.get("text")) for part in tables(held.get("parts"))))
    return "\n\n".join(filter(None, said))


def _node(
    role: object, chunks: Sequence[Mapping[str, object]], before: str | None, place: int, lost: Counter[Lost]
) -> Node:
    known = {"user": Role.USER, "model": Role.ASSISTANT}.get(text(role))
    lost[Lost.MESSAGE] += known is None
    return Node(
        id=str(place),
        parent=before,
        role=known,
        parts=joined([part for chunk in chunks for part in _parts(chunk, lost)]),
        at=next(filter(None, (when(chunk.get("createTime")) for chunk in chunks)), None),
    )


def _parts(chunk: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    words = text(chunk.get("text")) or "".join(text(part.get("text")) for part in tables(chunk.get("parts")))
    if chunk.get("isThought") is True:
        return [ReasoningPart(text=words)]
    code = table(chunk.get("executableCode"))
    printed = text(table(chunk.get("codeExecutionResult")).get("output"))
    files = [key for key in _FILES if key in chunk]
    lost[Lost.ATTACHMENT] += len(files)
    parts: list[Part] = [TextPart(text=words)]
    if code or printed:
        parts += ran(text(code.get("code")), text(code.get("language")).lower(), printed)
    return [*parts, *(attachment(text(table(chunk.get(key)).get("name")) or key) for key in files)]
