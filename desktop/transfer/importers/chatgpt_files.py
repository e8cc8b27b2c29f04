"""The files of ChatGPT's messages: what is attached, and pictures that stand in them, by the ids that both have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from desktop.message_parts import Part
from desktop.transfer.import_drafts import attachment
from desktop.transfer.import_losses import Lost
from desktop.transfer.import_shelf import Shelf
from desktop.transfer.loose_json import tables, text


class ChatGptFiles:
    """Of one conversation."""

    def __init__(self, shelf: Shelf, lost: Counter[Lost]) -> None:
        self._shelf = shelf
        self._lost = lost
        self._none = MessageFiles(shelf, [], lost)

    def of(self, metadata: Mapping[str, object]) -> MessageFiles:
        """Those of one message."""
        if "attachments" not in metadata:  # as most
            return self._none
        named = [(text(each.get("id")), text(each.get("name"))) for each in tables(metadata.get("attachments"))]
        return MessageFiles(self._shelf, named, self._lost)


class MessageFiles:
    """Of one message: what stands in it is not named again among what is attached."""

    def __init__(self, shelf: Shelf, attached: list[tuple[str, str]], lost: Counter[Lost]) -> None:
        self._shelf = shelf
        self._attached = attached
        self._lost = lost
        self._shown: set[str] = set()

    def pointed(self, pointer: str, kind: str) -> Part:
        """What a pointer such as file-service://file-… leads to; of what the export lacks its kind."""
        id_ = pointer.rpartition("/")[2]
        name = next((name for each, name in self._attached if each == id_), "")
        part = self._shelf.take(name, id_) if id_ else None
        if part is None:
            self._lost[Lost.ATTACHMENT] += 1
            return attachment(kind)
        self._shown.add(id_)
        return part

    def rest(self) -> list[Part]:
        """What is attached beside."""
        found: list[Part] = []
        for id_, name in self._attached:
            if id_ and id_ in self._shown:
                continue
            part = self._shelf.take(name, id_) if id_ else None
            self._lost[Lost.ATTACHMENT] += part is None
            found.append(part or attachment(name))
        return found
