"""The database of conversations: kept through crashes, found by any word, never lost without a word."""

from desktop.store.conversations import Conversations
from desktop.store.search import Search
from desktop.store.store import Store

__all__ = ["Conversations", "Search", "Store"]
