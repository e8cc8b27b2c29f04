"""Drafts of suites from conversations or recent prompts, as JSON data."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, JsonValue, ModelRef, Role
from desktop.evals.suites.suite import SCHEMA
from desktop.store.conversation_list import Wanted
from desktop.store.store import Store

_LONGEST = 20_000
"""Maximum length of a prompt in a draft."""

PROMPT = "{{prompt}}"
"""Template in a draft. Each prompt is a case variable, in which `{{` has no special meaning."""


def draft_of_conversations(
    name: str, conversations: Sequence[Conversation], contenders: Sequence[JsonValue]
) -> dict[str, JsonValue]:
    """Return a draft with the prompts of conversations as cases."""
    prompts = [
        message.text
        for conversation in conversations
        for message in conversation.path()
        if message.role is Role.USER and message.text.strip()
    ]
    return draft_of_prompts(name, prompts, contenders)


def draft_of_prompts(name: str, prompts: Sequence[str], contenders: Sequence[JsonValue]) -> dict[str, JsonValue]:
    """Return a draft of distinct single prompts, with three repeats."""
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
    """Return the latest distinct prompts to a model, newest first, excluding the trash.

    Raises:
        StoreError: If the store cannot be read.
    """
    prompts: dict[str, None] = {}
    key = str(model)
    listed = await store.listings.by_model(Wanted(most={key: most}))
    group = next((each for each in listed.groups if each.key == key), None)
    for summary in group.conversations if group is not None else ():
        conversation = await store.conversations.get(summary.id)
        for message in reversed(conversation.path()):
            if message.role is Role.USER and message.text.strip() and not message.imported:
                prompts.setdefault(message.text)
                if len(prompts) == most:
                    return [*prompts]
    return [*prompts]
