"""Texts of a replay's items, read from their conversations when they are needed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from desktop.domain.conversation_types import Conversation
from desktop.errors import ConversationUnknown
from desktop.replay.replay_plan import ReplayItem
from desktop.replay.requests import ReplayRequest, request_of
from desktop.store.store import Store

_MOST_KEPT = 8
"""Conversations in memory, since items of one conversation often follow one another."""


class ReplayTexts:
    """Requests of items. One object per replay."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    async def request(self, item: ReplayItem) -> ReplayRequest | None:
        """Return what the incumbent was sent and answered; None if the conversation or the answer was deleted.

        Raises:
            StoreError: If the store cannot be read.
        """
        conversation = self._kept.get(item.conversation)
        if conversation is None:
            try:
                conversation = await self._store.conversations.get(item.conversation)
            except ConversationUnknown:
                return None
            self._kept[item.conversation] = conversation
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        sent = await self._store.receipts.get(item.answer)
        return await asyncio.to_thread(request_of, conversation, item.answer, sent)
