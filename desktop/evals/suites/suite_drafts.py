"""Drafts of suites from conversations, as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, JsonValue, Role
from desktop.evals.suites.suite import SCHEMA

_LONGEST = 20_000
"""Maximum length of a prompt in a draft."""

PROMPT = "{{prompt}}"
"""Template in a draft. Each prompt is a case variable, in which `{{` has no special meaning."""


def draft_of_conversations(
    name: str, conversations: Sequence[Conversation], contenders: Sequence[JsonValue]
) -> dict[str, JsonValue]:
    """Return a suite of the distinct prompts of conversations, with three repeats."""
    prompts = [
        message.text
        for conversation in conversations
        for message in conversation.path()
        if message.role is Role.USER and message.text.strip()
    ]
    cases: list[JsonValue] = [{"vars": {"prompt": each[:_LONGEST]}} for each in dict.fromkeys(prompts)]
    return {
        "schema": SCHEMA,
        "name": name,
        "prompts": [PROMPT],
        "contenders": list(contenders),
        "cases": cases,
        "repeats": 3,
    }
