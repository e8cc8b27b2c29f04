"""LM Studio's conversations, one file each: messages have versions, one of them selected, and responses have steps.

LM Studio's source is not public; the structure is known from programs that read and write such files, and their tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from desktop.domain.conversation_types import Figures, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import items, number, table, tables, text, when, whole
from desktop.transfer.import_drafts import (
    Draft,
    Ending,
    Fields,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
    speaker,
)
from desktop.transfer.message_trees import Node

_FIELDS = Fields(source="lm-studio", title=("name",), model=("lastUsedModel",), created=("createdAt",), pinned="pinned")
_SYSTEM = "llm.prediction.systemPrompt"
_OWN = ("lastUsedModel", "perChatPredictionConfig", "userLastMessagedAt", "clientInput")
_ENDINGS = {
    "userStopped": Ending(Status.STOPPED),
    "modelUnloaded": Ending(Status.INTERRUPTED),
    "failed": Ending(Status.FAILED),
    "maxPredictedTokensReached": Ending(reason="length"),
    "contextLengthReached": Ending(reason="length"),
}
_CALLS = ("toolCallRequest", "toolCallResult")
_SILENT = ("debugInfoBlock", "status", "toolStatus")
"""Types of steps without content."""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation of one file."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    parent: str | None = None
    for place, message in enumerate(tables(entry.get("messages"))):
        versions = tables(message.get("versions"))
        lost[Lost.MESSAGE] += not versions
        row = [_node(version, parent, f"{place}.{number}", lost) for number, version in enumerate(versions)]
        nodes += row
        if row:
            parent = row[min(whole(message.get("currentlySelected")) or 0, len(row) - 1)].id
    lost[Lost.CONTENT] += bool(items(entry.get("notes"))) + bool(text(entry.get("clientInput")).strip())
    lost[Lost.ATTACHMENT] += len(items(entry.get("looseFiles"))) + len(items(entry.get("clientInputFiles")))
    times = (when(entry.get(f"{who}LastMessagedAt")) for who in ("user", "assistant"))
    outline = _FIELDS.outline(entry, nodes, lost)
    outline.id = identity(text(entry.get("createdAt")) or str(entry.get("createdAt")), outline.title)
    outline.model = outline.model or _model(table(entry.get("lastUsedModel")))
    outline.current = parent
    outline.updated = max(filter(None, times), default=None)
    outline.system = _system(entry)
    return finished(outline, now)


FORMAT = Format(name="LM Studio", drafts=drafts)


def is_one(entry: Mapping[str, object]) -> bool:
    """Whether a file is a conversation of LM Studio, judging by its messages or, without any, by its other fields."""
    messages = items(entry.get("messages"))
    if not messages:
        return "messages" in entry and sum(key in entry for key in _OWN) > 1
    return any("versions" in table(message) for message in messages)


def _system(entry: Mapping[str, object]) -> str:
    """Return the system prompt: the chat's own one, if it has settings of its own."""
    fields = tables(table(entry.get("perChatPredictionConfig")).get("fields"))
    own = next((text(each.get("value")) for each in fields if each.get("key") == _SYSTEM), "")
    is_own = own.strip() and entry.get("usePerChatPredictionConfig") is not False
    return own if is_own else text(entry.get("systemPrompt"))


def _model(named: Mapping[str, object]) -> str:
    return text(named.get("identifier")) or text(named.get("indexedModelIdentifier"))


def _node(version: Mapping[str, object], parent: str | None, id_: str, lost: Counter[Lost]) -> Node:
    role = speaker(version.get("role"), lost)
    if role is None:
        return Node(id=id_, parent=parent)
    steps = tables(version.get("steps"))
    parts = [part for step in steps for part in _step(step, lost)]
    parts += _contents(version.get("content"), lost)
    if steps and not any(_calls(step) for step in steps):
        lost[Lost.TOOL] += sum(step.get("type") == "toolStatus" for step in steps)
    answered = role is Role.ASSISTANT
    runs = [table(step.get("genInfo")) for step in steps if table(step.get("genInfo"))] if answered else []
    sender = text(table(version.get("senderInfo")).get("senderName"))
    stats = [table(run.get("stats")) for run in runs]
    ended = _ENDINGS.get(text(stats[-1].get("stopReason")), Ending()) if stats else Ending()
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined(parts),
        at=next((at for step in steps if (at := _begun(step)) is not None), None),
        model=next((name for run in runs if (name := _model(run))), sender) if answered else "",
        status=ended.status,
        reason=ended.reason,
        usage=_usage(stats),
        figures=_figures(stats),
    )


def _begun(step: Mapping[str, object]) -> datetime | None:
    """Return the time of a step, which is the first number in its id, in milliseconds; otherwise None."""
    stamp = text(step.get("stepIdentifier")).partition("-")[0]
    return when(int(stamp)) if stamp.isascii() and stamp.isdigit() and 12 < len(stamp) < 15 else None


def _calls(step: Mapping[str, object]) -> int:
    return sum(each.get("type") in _CALLS for each in tables(step.get("content")))


def _step(step: Mapping[str, object], lost: Counter[Lost]) -> Sequence[Part]:
    """Return the parts of one step. Reasoning is in a block with a style of its own."""
    match step.get("type"):
        case "contentBlock":
            parts = [*_contents(step.get("content"), lost)]
            if table(step.get("style")).get("type") != "thinking":
                return parts
            return [ReasoningPart(text=part.text) if isinstance(part, TextPart) else part for part in parts]
        case "citationBlock":
            lost[Lost.CITATION] += 1
        case kind if kind in _SILENT:
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _contents(content: object, lost: Counter[Lost]) -> Iterator[Part]:
    """Yield the text of a block, whose pieces are joined without a separator."""
    if isinstance(content, str):
        yield TextPart(text=content)
    for kind, pieces in groupby(tables(content), key=lambda piece: piece.get("type")):
        match kind:
            case "text":
                yield TextPart(text="".join(text(piece.get("text")) for piece in pieces if not _is_mark(piece)))
            case "file":
                for piece in pieces:
                    lost[Lost.ATTACHMENT] += 1
                    yield attachment(text(piece.get("name")) or text(piece.get("fileIdentifier")))
            case _:
                lost[Lost.TOOL if kind in _CALLS else Lost.CONTENT] += sum(1 for _ in pieces)


def _is_mark(piece: Mapping[str, object]) -> bool:
    """Whether a piece is a tag that the model wrote before or after its reasoning."""
    written = text(piece.get("text")).strip()
    return piece.get("isStructural") is True and written.startswith(("<", "[")) and written.endswith((">", "]"))


def _usage(stats: Sequence[Mapping[str, object]]) -> Usage | None:
    """Return the tokens of a response: the output of all its runs, and the input of the last run."""
    answered = [whole(each.get("predictedTokensCount")) or 0 for each in stats]
    sent = [whole(each.get("promptTokensCount")) or 0 for each in stats]
    if not any(answered) and not any(sent):
        return None
    return Usage(input_tokens=sent[-1] or None, output_tokens=sum(answered) or None)


def _figures(stats: Sequence[Mapping[str, object]]) -> Figures | None:
    """Return the duration, since LM Studio's tokens per second do not include the time to first token."""
    first = number(stats[0].get("timeToFirstTokenSec")) if stats else None
    keys = ("timeToFirstTokenSec", "totalTimeSec")
    seconds = sum(number(each.get(key)) or 0 for each in stats for key in keys)
    speed = number(stats[0].get("tokensPerSecond")) if len(stats) == 1 else None
    if not (first or seconds or speed):
        return None
    return Figures(
        ttft_ms=first * 1000 if first else None,
        duration_ms=seconds * 1000 if seconds else None,
        tokens_per_second=speed or None,
    )
