"""Code that ChatGPT ran beside a chat: shown as code where it was shown, and as thought where it worked by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping

from desktop.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.import_drafts import fenced
from desktop.transfer.loose_json import items, table, text

_LANGUAGES = {"": "python", "all": "python", "python": "python", "python_user_visible": "python"}
_SHELL = "container.exec"
_RUNS = {"python", "python_user_visible", _SHELL}


def is_thought(metadata: Mapping[str, object]) -> bool:
    """Whether a node is of what a model did while it thought, which ChatGPT folds away."""
    return metadata.get("reasoning_status") == "is_reasoning"


def printed(said: str, metadata: Mapping[str, object]) -> list[Part]:
    """What code that was run printed."""
    return [_block(said, "", metadata)] if said.strip() else []


def code_parts(message: Mapping[str, object], content: Mapping[str, object]) -> list[Part] | None:
    """The code that a node gives to what runs it; None where it is no code, or for another tool."""
    recipient = text(message.get("recipient"))
    if content.get("content_type") == "code" and (recipient in _LANGUAGES or recipient == _SHELL):
        said = text(content.get("text"))
    elif recipient in _RUNS and message.get("channel") != "final":
        said = text(content.get("text")) or "".join(text(each) for each in items(content.get("parts")))
    else:
        return None
    if not said.strip():
        return []
    named = text(content.get("language"))
    known = named if named.isalnum() and named != "unknown" else ""
    language = known or _LANGUAGES.get(recipient, "sh")
    return [_block(_command(said) if recipient == _SHELL else said, language, table(message.get("metadata")))]


def _command(said: str) -> str:
    """The line of a shell within a call's arguments, where they are some."""
    try:
        words = items(table(json.loads(said)).get("cmd"))
    except (ValueError, RecursionError):
        return said
    return text(words[-1]) or said if words else said


def _block(said: str, language: str, metadata: Mapping[str, object]) -> Part:
    block = fenced(said.replace("\r\n", "\n"), language)
    return ReasoningPart(text=block) if is_thought(metadata) else TextPart(text=block)
