"""Suites begun from what was asked before: from conversations, and from the last prompts to a model; as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, JsonValue, ModelRef, Role
from desktop.evals.suites.suite import SCHEMA
from desktop.store.conversation_list import Wanted
from desktop.store.store import Store

_LONGEST = 20_000
"""Characters of a prompt that is offered."""

PROMPT = "{{prompt}}"
"""The one template of such a suite: each prompt is a case, and `{{` within it is nothing special."""


def draft_of_conversations(
    name: str, conversations: Sequence[Conversation], contenders: Sequence[JsonValue]
) -> dict[str, JsonValue]:
    """A suite of the prompts of some conversations, each prompt a case of its own, in their order."""
    prompts = [
        message.text
        for conversation in conversations
        for message in conversation.path()
        if message.role is Role.USER and message.text.strip()
    ]
    return draft_of_prompts(name, prompts, contenders)


def draft_of_prompts(name: str, prompts: Sequence[str], contenders: Sequence[JsonValue]) -> dict[str, JsonValue]:
    """A suite of single prompts, each once, for these contenders, three answers each."""
    cases: list[JsonValue] = [{"vars": {"prompt": each[:_LONGEST]}} for each in dict.fromkeys(prompts)]
    return {
        "schema": SCHEMA,
        "name": name,
        "prompts": [PROMPT],
        "contenders": list(contenders),
        "cases": cases,
        "repeats": 3,
    }


async def last_prompts(store: Store, model: ModelRef, most: int) -> list[str]:
    """The last prompts that a model was sent, newest first, each once; those in the trash not. Raises StoreError."""
    found: dict[str, None] = {}
    key = str(model)
    listed = await store.listings.by_model(Wanted(most={key: most}))
    group = next((each for each in listed.groups if each.key == key), None)
    for summary in group.conversations if group is not None else ():
        conversation = await store.conversations.get(summary.id)
        for message in reversed(conversation.path()):
            if message.role is Role.USER and message.text.strip() and not message.imported:
                found.setdefault(message.text)
                if len(found) == most:
                    return [*found]
    return [*found]
