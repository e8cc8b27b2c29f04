"""Chats imported from ChatGPT, whose model is gone, for the tests and pictures of replays."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from desktop.domain.conversation_types import Conversation, Message, ModelRef, Role, Status
from tests.desktop.store.made import START, answer, conversation, finished, prompt

OLD = ModelRef(connection="imported-chatgpt", name="gpt-4o")


def imported(number: int, turns: int = 2, *, model: ModelRef = OLD) -> Conversation:
    """One chat of some turns."""
    messages: list[Message] = []
    for turn in range(turns):
        asked = prompt(f"Question {turn + 1} of chat {number}?", messages[-1] if messages else None)
        said = finished(answer(asked), f"The answer {turn + 1} of chat {number} is what you think.")
        messages += [asked, said]
    at = START + timedelta(days=number)
    whole = [
        msgspec.structs.replace(
            each, imported=True, created_at=at, model=model if each.role is Role.ASSISTANT else None
        )
        for each in messages
    ]
    return conversation(*whole, title=f"Chat {number}", model=model, updated_at=at)


def cut(chat: Conversation) -> Conversation:
    """A chat whose last answer was stopped."""
    *others, last = chat.messages
    return msgspec.structs.replace(chat, messages=(*others, msgspec.structs.replace(last, status=Status.STOPPED)))
