"""Conversations as Markdown to read: the branch that is shown, each message under a heading."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain import Conversation, Message, Role, Status

MARKS = {
    Status.STREAMING: "still being answered",
    Status.STOPPED: "stopped",
    Status.FAILED: "failed",
    Status.INTERRUPTED: "interrupted",
}
"""What is said of an answer that is not complete."""


def export(conversations: Sequence[Conversation]) -> str:
    """All conversations in one text, a rule between them."""
    return "".join(piece(each, first=not place) for place, each in enumerate(conversations))


def piece(conversation: Conversation, *, first: bool) -> str:
    """A conversation in its place in the text."""
    title = " ".join(conversation.title.split()) or "Untitled"
    lines = [f"# {title}", "", f"{conversation.model} · {conversation.created_at:%Y-%m-%d %H:%M} UTC", ""]
    if conversation.system:
        lines += ["## System", "", conversation.system.rstrip("\n"), ""]
    for message in conversation.path():
        lines += _message(message)
    return ("" if first else "\n---\n\n") + "\n".join(lines)


def _message(message: Message) -> list[str]:
    who = "You" if message.role is Role.USER else str(message.model or message.role.value)
    mark = f" ({MARKS[message.status]})" if message.status in MARKS else ""
    lines = [f"## {who}{mark}", ""]
    if message.reasoning:
        quoted = "\n".join(f"> {line}".rstrip() for line in message.reasoning.strip("\n").split("\n"))
        lines += ["> *Reasoning*", ">", quoted, ""]
    if message.text:
        lines += [message.text.rstrip("\n"), ""]
    if message.problem is not None:
        lines += [f"*{message.problem.message}*", ""]
    return lines
