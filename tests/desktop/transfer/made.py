"""Small exports of other programs, and conversations with everything that Paragone's can contain."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from desktop.domain.conversation_types import (
    Conversation,
    Figures,
    Message,
    ModelRef,
    Parameters,
    Problem,
    Role,
    Status,
    Usage,
)
from desktop.domain.message_parts import FilePart, ImagePart, Part, ReasoningPart, TextPart, ToolCallPart
from desktop.transfer.import_drafts import Draft

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
START = 1_700_000_000.5

_WORDS = ("sky", "blau", "蓝色的天空", "أزرق", "a\u2028b", "\x85", "🙂", '"', "\\", "`", "</script>", "\0", "\t", " ")


def chatgpt_node(
    id_: str,
    parent: str | None,
    role: str = "user",
    parts: Sequence[object] = ("hello",),
    **message: Any,  # noqa: ANN401 - any JSON
) -> dict[str, Any]:
    content = message.pop("content", {"content_type": "text", "parts": list(parts)})
    held = {"id": id_, "author": {"role": role}, "content": content, "metadata": {}, "recipient": "all", "weight": 1.0}
    return {"id": id_, "parent": parent, "children": [], "message": {**held, **message}}


def chatgpt(*nodes: dict[str, Any], **entry: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    root: dict[str, Any] = {"id": "root", "message": None, "parent": None, "children": []}
    held = {"title": "Sky", "create_time": START, "update_time": START + 60, "conversation_id": "c1"}
    return {**held, "mapping": {each["id"]: each for each in (root, *nodes)}, **entry}


def chatgpt_chat(id_: str = "c1", turns: int = 1) -> dict[str, Any]:
    """Return a plain conversation of so many turns."""
    nodes: list[dict[str, Any]] = []
    for turn in range(turns):
        before = nodes[-1]["id"] if nodes else "root"
        nodes.append(chatgpt_node(f"p{turn}", before, parts=[f"why {turn}"], create_time=START + turn))
        nodes.append(chatgpt_node(f"a{turn}", f"p{turn}", "assistant", ["because"], metadata={"model_slug": "gpt-4o"}))
    return chatgpt(*nodes, conversation_id=id_, current_node=nodes[-1]["id"])


def only(drafts: Sequence[Draft]) -> Conversation:
    """Return the only conversation of some drafts."""
    (draft,) = drafts
    assert not draft.is_empty
    return draft.conversation


def kept(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with messages."""
    assert all(each.is_empty == (not each.conversation.messages) for each in drafts)
    return [each for each in drafts if not each.is_empty]


def said(conversation: Conversation) -> list[tuple[str, str]]:
    """Return roles and texts on the shown branch."""
    return [(message.role.value, message.text) for message in conversation.path()]


def arbitrary(rng: random.Random, number: int) -> Draft:
    """Return a random conversation tree with occasional parts of every kind."""
    messages: list[Message] = []
    for place in range(rng.randrange(1, 8)):
        role = rng.choice((Role.USER, Role.ASSISTANT))
        answered = role is Role.ASSISTANT
        messages.append(
            Message(
                id=f"m{number}-{place}",
                parent=rng.choice(messages).id if messages and rng.random() < 0.9 else None,
                role=role,
                parts=tuple(_part(rng) for _ in range(rng.randrange(3))),
                status=rng.choice((Status.COMPLETE, Status.FAILED, Status.STOPPED)) if answered else Status.COMPLETE,
                created_at=AT + timedelta(milliseconds=rng.randrange(10**9)),
                model=ModelRef(connection="lab", name=f"a/b {rng.randrange(3)}") if answered else None,
                usage=Usage(input_tokens=rng.randrange(99), estimated=True) if answered else None,
                figures=Figures(ttft_ms=rng.random() * 100, finish_reason="stop") if answered else None,
                problem=Problem(code="x", message=_text(rng)) if answered and rng.random() < 0.3 else None,
                imported=True,
            )
        )
    conversation = Conversation(
        id=f"c{number}",
        title=_text(rng),
        model=ModelRef(connection="lab", name="grok-3"),
        created_at=AT,
        updated_at=AT + timedelta(seconds=number),
        current=rng.choice(messages).id,
        system=_text(rng),
        parameters=Parameters(values={"temperature": 0.5, "stop": [_text(rng)]}),
        messages=tuple(messages),
    )
    tags = tuple(rng.sample(("work", "Rust 🦀", "السفر"), rng.randrange(3)))
    return Draft(conversation=conversation, pinned=rng.random() < 0.3, archived=rng.random() < 0.3, tags=tags)


def _text(rng: random.Random) -> str:
    return "".join(rng.choices(_WORDS, k=rng.randrange(6)))


def _part(rng: random.Random) -> Part:
    return rng.choice(
        (
            TextPart(text=_text(rng)),
            ReasoningPart(text=_text(rng)),
            ImagePart(sha256="0" * 64, media_type="image/png", name=_text(rng)),
            FilePart(sha256="1" * 64, media_type="text/plain"),
            ToolCallPart(id="1", name="look", arguments='{"a": 1}'),
        )
    )
