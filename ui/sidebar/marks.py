"""Marks on conversations and their end: pinned, tagged, deleted for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ui.sidebar import changes

if TYPE_CHECKING:
    from desktop.store.store import Store

Change = Callable[[Callable[["Store"], Awaitable[object]], str], None]
"""Does something with the store, under a name, and reads again what is listed."""
Purge = Callable[[Callable[["Store"], Awaitable[Sequence[str]]]], None]
"""The same, and tells the ids of what is no more."""


class ConversationMarks:
    """What is done with conversations from their list alone. Every call returns at once."""

    def __init__(self, change: Change, purge: Purge) -> None:
        self._change = change
        self._purge = purge

    def pin(self, ids: Sequence[str], *, pinned: bool) -> None:
        """Pin conversations to the top, or take them from there."""
        self._change(lambda store: store.conversations.pin(ids, pinned=pinned), "pin")

    def set_tag(self, ids: Sequence[str], tag: str, *, on: bool) -> None:
        """Put a tag on conversations, or take it off."""
        self._change(partial(changes.set_tag, ids=ids, tag=tag, on=on), "tag")

    def rename_tag(self, tag: str, name: str) -> None:
        """Call a tag otherwise, on all conversations."""
        self._change(lambda store: store.tags.rename(tag, name), "rename_tag")

    def delete_tag(self, tag: str) -> None:
        """Take a tag off all conversations."""
        self._change(lambda store: store.tags.delete(tag), "delete_tag")

    def purge(self, ids: Sequence[str]) -> None:
        """Delete conversations and comparisons of the trash for good."""
        self._purge(partial(changes.purge, ids=ids))

    def empty_trash(self) -> None:
        """Delete all that is in the trash for good."""
        self._purge(changes.empty_trash)
