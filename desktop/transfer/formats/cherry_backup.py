"""Cherry Studio's backup taken apart: topics with their blocks, and of the settings, which hold keys, their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from desktop.transfer.archives.json_weight import is_light
from desktop.transfer.archives.loose_json import Unreadable, decode, items, parted, table, tables, text
from desktop.transfer.formats import cherry_studio
from desktop.transfer.source import Source

if TYPE_CHECKING:
    import zipfile

_SETTINGS = "persist:cherry-studio"
_DATA, _FILES_FOLDER = "data.json", "Data"
"""The backup in its zip, and the folder beside it with what was attached."""

_TOPIC = "topic:"
"""What the keys of topics begin with, in backups of the first version."""


_MOST_PROMPTS = 256 << 20
"""Characters of the prompts of assistants that all topics together get."""


class _Named(msgspec.Struct):
    """Of a block, what it is found by."""

    id: str = ""


class _Naming(msgspec.Struct):
    """Of a message, the blocks that it names."""

    blocks: list[str] = []


class _Topic(msgspec.Struct):
    """Of a topic, the blocks that its messages name."""

    messages: list[_Naming] = []


def is_one(held: Mapping[str, object]) -> bool:
    """Whether JSON is a backup of Cherry Studio."""
    return "localStorage" in held and "indexedDB" in held


def opened(name: str, held: Mapping[str, object]) -> Source:
    """The topics of a backup. Raises Unreadable where it holds more than can be handled."""
    database = parted(held["indexedDB"])
    topics = [*_topics(database)]
    blocks = _by_id(items(parted(table(database).get("message_blocks"))))
    owners = _owners(topics, blocks)
    about = _about(held["localStorage"])

    def read(place: int) -> object:
        """One topic with its blocks. Raises Unreadable."""
        topic = table(decode(topics[place]))
        settings = about.get(text(topic.get("id")), {})
        return {**settings, "topic": topic, "blocks": _decoded({id_: blocks[id_] for id_ in owners.get(place, ())})}

    return Source(name=name, format=cherry_studio.FORMAT, count=len(topics), read=read)


def is_database(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a zip is a newer backup, which holds the program's database as it lies on the disk."""
    folders = {member.filename.removeprefix("./").partition("/")[0] for member in members}
    is_older = any(member.filename == _DATA for member in members)
    return not is_older and folders >= {"IndexedDB", "Local Storage"}


def attached(members: Sequence[zipfile.ZipInfo]) -> set[str]:
    """The folders in a zip with what was attached to the chats of a backup beside them: no exports."""
    folders = {member.filename.rpartition("/")[0] for member in members if member.filename.rpartition("/")[2] == _DATA}
    found: set[str] = set()
    for member in members:
        above, is_within, _ = f"/{member.filename}".partition(f"/{_FILES_FOLDER}/")
        if is_within and above.removeprefix("/") in folders:
            found.add(f"{above}/{_FILES_FOLDER}".removeprefix("/"))
    return found


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
    """Blocks by their ids, still to be decoded."""
    return {_id_of(block): block for block in blocks}


def _id_of(block: object) -> str:
    """What a block is found by; nothing where it has no id. One that is not quite JSON is decoded to see it."""
    try:
        if isinstance(block, msgspec.Raw):
            return msgspec.json.decode(block, type=_Named).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return text(table(decode(block)).get("id"))
    except Unreadable:
        return ""


def _owners(topics: Sequence[object], blocks: Mapping[str, object]) -> dict[int, list[str]]:
    """Which blocks each topic has: the first that names one, as a long one would else be kept many times over."""
    free = set(blocks)
    owners: defaultdict[int, list[str]] = defaultdict(list)
    for place, topic in enumerate(topics):
        try:
            if isinstance(topic, msgspec.Raw) and is_light(topic):
                naming = msgspec.json.decode(topic, type=_Topic)
                ids = [id_ for message in naming.messages for id_ in message.blocks]
            else:
                ids = _named(topic)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            ids = _named(topic)
        for id_ in ids:
            if id_ in free:
                free.remove(id_)
                owners[place].append(id_)
    return owners


def _named(topic: object) -> list[str]:
    """The blocks that a topic names some of whose messages are not what they should be."""
    try:
        messages = tables(table(decode(topic)).get("messages"))
    except Unreadable:
        return []
    return [text(id_) for message in messages for id_ in items(message.get("blocks"))]


def _decoded(blocks: Mapping[str, object]) -> dict[str, object]:
    """Blocks, decoded; one that cannot be read is left out, and counted as missing."""
    readable: dict[str, object] = {}
    for id_, block in blocks.items():
        try:
            readable[id_] = decode(block)
        except Unreadable:
            continue
    return readable


def _about(storage: object) -> dict[str, dict[str, object]]:
    """What the settings say of topics, by their ids: their line, and their assistant; nothing where they cannot.

    All topics of an assistant have its prompt: of one beyond all measure not all get it.
    """
    try:
        kept = table(_within(table(parted(storage)).get(_SETTINGS)))
        slice_ = table(_within(kept.get("assistants")))
    except Unreadable:
        return {}
    assistants = [table(slice_.get("defaultAssistant")), *tables(slice_.get("assistants"))]
    about: dict[str, dict[str, object]] = {}
    room = _MOST_PROMPTS
    for assistant in assistants:
        length = len(text(assistant.get("prompt")))
        bare: dict[str, object] = {"assistant": {"model": assistant.get("model")}, "is_prompt_left_out": True}
        for topic in tables(assistant.get("topics")):
            room -= length
            about[text(topic.get("id"))] = {"entry": topic, **({"assistant": assistant} if room > 0 else bare)}
    return about


def _within(value: object) -> object:
    """The value of JSON that may be kept as text within JSON. Raises Unreadable."""
    held = decode(value)
    return decode(held.encode("utf-8", "surrogatepass")) if isinstance(held, str) else held
