"""Branches of Jan's threads: parents that its messages name, those that got lost, and the branch that is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.domain import EPOCH
from desktop.transfer.loose_json import table, text, when


@dataclass(frozen=True)
class LinkedMessages:
    """Messages, by time where they have branches, with their ids and those of what they follow."""

    messages: Sequence[Mapping[str, object]]
    ids: Sequence[str]
    parents: Sequence[str | None]

    def leaf(self, root: str) -> str | None:
        """The last message that is shown: from the root of this id, or the newest, by the children that were chosen."""
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        chosen: dict[str, str] = {}
        for message, id_, parent in zip(self.messages, self.ids, self.parents, strict=True):
            children[parent].append(id_)
            chosen.setdefault(id_, text(table(message.get("metadata")).get("activeChildId")))
        at: str | None = None
        seen: set[str] = set()
        wanted = root
        while beside := children.get(at):
            following = wanted if wanted in beside else beside[-1]
            if following in seen:
                break
            seen.add(following)
            at, wanted = following, chosen[following]
        return at


def linked(messages: Sequence[Mapping[str, object]]) -> LinkedMessages:
    """Messages with their parents: those that they name, or where none names one, the message before.

    An answer that lost its parent follows the prompt before it, and the next prompt that was linked to that one follows
    the answer: so Jan itself mends such threads.
    """
    metas = (table(message.get("metadata")) for message in messages)
    if not any("parentId" in meta or "activeChildId" in meta for meta in metas):
        ids = _ids(messages)
        return LinkedMessages(messages, ids, [None, *ids[:-1]][: len(ids)])
    ordered = sorted(messages, key=lambda message: when(message.get("created_at")) or EPOCH)
    ids, metas = _ids(ordered), (table(message.get("metadata")) for message in ordered)
    parents: list[str | None] = [text(meta.get("parentId")) or None for meta in metas]
    prompt: str | None = None
    detached: dict[str, str] = {}  # prompts whose answer had lost them, and that answer
    for place, message in enumerate(ordered):
        parent = parents[place]
        if message.get("role") == "user":
            if parent in detached:
                parents[place] = detached.pop(parent)
            prompt = ids[place]
        elif parent is None and prompt is not None:
            parents[place] = prompt
            detached[prompt] = ids[place]
    return LinkedMessages(ordered, ids, parents)


def _ids(messages: Sequence[Mapping[str, object]]) -> list[str]:
    return [text(message.get("id")) or f"#{place}" for place, message in enumerate(messages)]
