"""Cherry Studio's backup taken apart: topics with their blocks, and of the settings, which hold keys, their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from desktop.transfer.importers import cherry_studio
from desktop.transfer.loose_json import Unreadable, decode, items, parted, table, tables, text
from desktop.transfer.source import Source

if TYPE_CHECKING:
    import zipfile

_SETTINGS = "persist:cherry-studio"
_DATA, _FILES_FOLDER = "data.json", "Data"
"""The backup in its zip, and the folder beside it with what was attached."""

_TOPIC = "topic:"
"""What the keys of topics begin with, in backups of the first version."""


class _Named(msgspec.Struct):
    """Of a block, what it is found by."""

    id: str = ""


def is_one(held: Mapping[str, object]) -> bool:
    """Whether JSON is a backup of Cherry Studio."""
    return "localStorage" in held and "indexedDB" in held


def opened(name: str, held: Mapping[str, object]) -> Source:
    """The topics of a backup. Raises Unreadable where it holds more than can be handled."""
    database = parted(held["indexedDB"])
    topics = [*_topics(database)]
    blocks = _by_id(items(parted(table(database).get("message_blocks"))))
    about = _about(held["localStorage"])

    def read(place: int) -> object:
        """One topic with its blocks. Raises Unreadable."""
        topic = table(decode(topics[place]))
        entry, assistant = about.get(text(topic.get("id")), (table(None), table(None)))
        return {"topic": topic, "entry": entry, "assistant": assistant, "blocks": _blocks_of(topic, blocks)}

    return Source(name=name, format=cherry_studio.FORMAT, count=len(topics), read=read)


def is_database(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a zip is a newer backup, which holds the program's database as it lies on the disk."""
    folders = {PurePosixPath(member.filename).parts[:1] for member in members}
    is_older = any(member.filename == _DATA for member in members)
    return not is_older and folders >= {("IndexedDB",), ("Local Storage",)}


def alone(held: Sequence[zipfile.ZipInfo], members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The backup among the JSON files of a zip, where it is one: others beside it were attached to chats."""
    folders = {PurePosixPath(member.filename).parts[:1] for member in members}
    return [member for member in held if member.filename == _DATA] if (_FILES_FOLDER,) in folders else []


def _topics(database: object) -> Iterator[object]:
    """The topics, each still to be decoded; of the first version's list of all that was kept, those by their keys."""
    if "topics" in table(database):
        yield from items(parted(table(database).get("topics")))
        return
    for kept in items(database):
        try:
            pair = table(decode(kept))
        except Unreadable:
            continue
        if text(pair.get("key")).startswith(_TOPIC):
            yield pair.get("value")


def _by_id(blocks: Sequence[object]) -> dict[str, object]:
    """Blocks by their ids, still to be decoded; what has none is passed over."""
    named: dict[str, object] = {}
    for block in blocks:
        try:
            if isinstance(block, msgspec.Raw):
                named[msgspec.json.decode(block, type=_Named).id] = block
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return named


def _blocks_of(topic: Mapping[str, object], blocks: Mapping[str, object]) -> dict[str, object]:
    """The blocks that a topic's messages name, decoded; one that cannot be read is left out, and counted as missing."""
    named: dict[str, object] = {}
    for message in tables(topic.get("messages")):
        for id_ in map(text, items(message.get("blocks"))):
            if id_ not in blocks or id_ in named:
                continue
            try:
                named[id_] = decode(blocks[id_])
            except Unreadable:
                continue
    return named


def _about(storage: object) -> dict[str, tuple[Mapping[str, object], Mapping[str, object]]]:
    """What the settings say of topics, by their ids: their line, and their assistant; nothing where they cannot."""
    try:
        kept = table(_within(table(parted(storage)).get(_SETTINGS)))
        slice_ = table(_within(kept.get("assistants")))
    except Unreadable:
        return {}
    assistants = [table(slice_.get("defaultAssistant")), *tables(slice_.get("assistants"))]
    return {
        text(topic.get("id")): (topic, assistant)
        for assistant in assistants
        for topic in tables(assistant.get("topics"))
    }


def _within(value: object) -> object:
    """The value of JSON that may be kept as text within JSON. Raises Unreadable."""
    held = decode(value)
    return decode(held.encode("utf-8", "surrogatepass")) if isinstance(held, str) else held
