"""Cherry Studio's backup: topics with messages, whose content is stored in separate blocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from desktop.domain.conversation_types import Figures, Problem, Role, Status, Usage
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import (
    Unreadable,
    decode,
    is_light,
    items,
    number,
    parted,
    table,
    tables,
    text,
    when,
    whole,
)
from desktop.transfer.formats.markdown_parts import titled_link
from desktop.transfer.import_drafts import (
    Draft,
    Fields,
    Format,
    Lost,
    attachment,
    fenced,
    finished,
    joined,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node
from desktop.transfer.source import Source

_FIELDS = Fields(
    source="cherry-studio",
    id=("topic.id", "entry.id"),
    title=("entry.name", "topic.name"),
    created=("entry.createdAt", "topic.createdAt"),
    updated=("entry.updatedAt", "topic.updatedAt"),
    pinned="entry.pinned",
)
_PROBLEM_LENGTH = 500
_STATUSES = {
    "paused": Status.STOPPED,
    "error": Status.FAILED,
    **dict.fromkeys(("sending", "pending", "searching", "processing"), Status.INTERRUPTED),
}


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation of one topic, from its blocks, settings (`entry`) and assistant."""
    topic, entry = table(table(item).get("topic")), table(table(item).get("entry"))
    blocks = dict(table(table(item).get("blocks")))
    assistant = table(table(item).get("assistant"))
    lost: Counter[Lost] = Counter()
    messages = tables(topic.get("messages"))
    lost[Lost.MESSAGE] += len(items(topic.get("messages"))) - len(messages)
    lost[Lost.SYSTEM] += table(item).get("is_prompt_left_out") is True
    ids = [text(message.get("id")) or f"#{place}" for place, message in enumerate(messages)]
    parents, current = _parents(messages, ids)
    nodes = [
        _node(message, id_, parent, blocks, shelf, lost)
        for message, id_, parent in zip(messages, ids, parents, strict=True)
    ]
    prompts = (text(assistant.get("prompt")), text(entry.get("prompt")))
    outline = _FIELDS.outline(table(item), nodes, lost, shelf)
    outline.id = outline.id or "".join(ids[:1])
    outline.model = _model(table(assistant.get("model")))
    outline.current = current
    outline.system = "\n".join(prompt for prompt in prompts if prompt.strip())
    return finished(outline, now)


FORMAT = Format(name="Cherry Studio", drafts=drafts, with_files=drafts)


def _parents(messages: Sequence[Mapping[str, object]], ids: Sequence[str]) -> tuple[Sequence[str | None], str | None]:
    """Return the parent of each message, and the last message that is displayed.

    Responses of several models have the same prompt as parent. The next message follows the response marked as useful,
    otherwise the unfolded one, otherwise the last one.
    """
    known = set(ids)
    parents: list[str | None] = []
    last: str | None = None  # parent of the next message
    asked, above, best = "", last, 0
    for message, id_ in zip(messages, ids, strict=True):
        question = text(message.get("askId")) if message.get("role") == "assistant" else ""
        if not question or question != asked:
            asked, best = question, 0
            above = question if question in known and question != id_ else last
        parents.append(above)
        rank = 3 if message.get("useful") is True else 2 if message.get("foldSelected") is True else 1
        if rank >= best:
            last, best = id_, rank
    return parents, last


def _node(
    message: Mapping[str, object],
    id_: str,
    parent: str | None,
    blocks: dict[str, object],
    shelf: Shelf,
    lost: Counter[Lost],
) -> Node:
    role = None if message.get("type") == "clear" else speaker(message.get("role"), lost)
    if role is None:
        return Node(id=id_, parent=parent)
    held = [table(blocks.pop(text(block), None)) for block in items(message.get("blocks"))]  # every message has these
    lost[Lost.CONTENT] += sum(not block for block in held)
    parts = [part for block in held if block for part in _block(block, shelf, lost)]
    parts += _older(message, shelf, lost)
    answered = role is Role.ASSISTANT
    errors = [text(table(each.get("error")).get("message")) for each in (message, *held)]
    error = "\n".join(filter(None, errors))[:_PROBLEM_LENGTH] if answered else ""
    status = _STATUSES.get(text(message.get("status")), Status.COMPLETE)
    if error and status is Status.COMPLETE:
        status = Status.FAILED
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined(parts),
        at=when(message.get("createdAt")),
        model=(_model(table(message.get("model"))) or text(message.get("modelId"))) if answered else "",
        status=status if answered else Status.COMPLETE,
        usage=_usage(table(message.get("usage"))) if answered else None,
        figures=_figures(table(message.get("metrics"))) if answered else None,
        problem=Problem(code="imported", message=error) if error and status is Status.FAILED else None,
    )


def _model(named: Mapping[str, object]) -> str:
    return text(named.get("id")) or text(named.get("name"))


def _block(block: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    content = text(block.get("content"))
    match block.get("type"):
        case "main_text" | "compact":
            return [TextPart(text=content)]
        case "thinking":
            return [ReasoningPart(text=content)]
        case "code":
            language = text(block.get("language"))
            return [TextPart(text=fenced(content, language if language.isalnum() else ""))]
        case "image":
            if file := table(block.get("file")):
                return [_file(file, shelf, lost)]
            addresses = [text(block.get("url")), *_drawn(table(block.get("metadata")).get("generateImageResponse"))]
            return _pictures(list(filter(None, addresses)), shelf, lost)
        case "file":
            return [_file(table(block.get("file")), shelf, lost)]
        case "video":
            lost[Lost.ATTACHMENT] += 1
            return [attachment("video")]
        case "tool":
            lost[Lost.TOOL] += 1
        case "citation":
            return _cited(block, lost)
        case "error" | "unknown":
            pass  # an error message, and the placeholder of a pending answer
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _drawn(response: object) -> Sequence[str]:
    """Return the addresses of generated images."""
    return [text(each) for each in items(table(response).get("images"))]


def _pictures(addresses: Sequence[str], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """Return images stored in the backup, and placeholders for other images."""
    parts = [shelf.put_address("image", address) for address in addresses or [""]]
    lost[Lost.ATTACHMENT] += sum(part is None for part in parts)
    return [part or attachment("image") for part in parts]


def _file(file: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Part:
    """Return an attachment, which the backup may contain under its id."""
    name = text(file.get("origin_name")) or text(file.get("name"))
    part = shelf.take_at(name, f"Data/Files/{text(file.get('id'))}{text(file.get('ext'))}")
    lost[Lost.ATTACHMENT] += part is None
    return part or attachment(name)


def _cited(block: Mapping[str, object], lost: Counter[Lost]) -> Sequence[Part]:
    """Return a response's web sources as a list of links; citations of files and memories are counted as lost."""
    results = table(block.get("response")).get("results")
    chunks = table(results).get("groundingChunks")
    sources = [
        table(each.get("url_citation")) or table(each.get("web")) or each
        for each in tables(results) or tables(table(results).get("results")) or tables(chunks)
    ]
    links: dict[str, str] = {}
    for source in sources:
        address = text(source.get("url")) or text(source.get("uri")) or text(source.get("link"))
        if address.startswith(("http://", "https://")):
            links.setdefault(address, text(source.get("title")) or address)
        else:
            lost[Lost.CITATION] += 1
    lost[Lost.CITATION] += len(items(block.get("knowledge"))) + len(items(block.get("memories")))
    lost[Lost.CITATION] += bool(results) and not sources
    return [
        TextPart(
            text="\n".join(f"{place}. {titled_link(name, to)}" for place, (to, name) in enumerate(links.items(), 1))
        )
    ]


def _older(message: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> Sequence[Part]:
    """Return the content of a message from a version that did not have blocks."""
    parts: list[Part] = [
        ReasoningPart(text=text(message.get("reasoning_content"))),
        TextPart(text=text(message.get("content"))),
    ]
    lost[Lost.CONTENT] += bool(text(message.get("translatedContent")).strip())
    meta = table(message.get("metadata"))
    for address in (*items(message.get("images")), *_drawn(meta.get("generateImage"))):
        parts += _pictures([text(address)], shelf, lost)
    parts += (_file(file, shelf, lost) for file in tables(message.get("files")))
    lost[Lost.TOOL] += len(items(meta.get("mcpTools")))
    results = meta.get("webSearch") or meta.get("annotations")
    citations = items(meta.get("citations"))
    parts += _cited({"response": {"results": results or [{"url": each} for each in citations]}}, lost)
    return parts


def _usage(counted: Mapping[str, object]) -> Usage | None:
    sent, answered = whole(counted.get("prompt_tokens")), whole(counted.get("completion_tokens"))
    thought = whole(counted.get("thoughts_tokens"))
    if not (sent or answered):
        return None
    return Usage(input_tokens=sent, output_tokens=answered, reasoning_tokens=thought or None)


def _figures(measured: Mapping[str, object]) -> Figures | None:
    first = number(measured.get("time_first_token_millsec"))
    taken = number(measured.get("time_completion_millsec"))
    return Figures(ttft_ms=first or None, duration_ms=taken or None) if first or taken else None


if TYPE_CHECKING:
    import zipfile

_SETTINGS = "persist:cherry-studio"
_DATA, _FILES_FOLDER = "data.json", "Data"
"""Name of the backup's JSON in its ZIP, and of the folder with attachments next to it."""

_TOPIC = "topic:"
"""Prefix of the keys of topics in backups of the first version."""


_MOST_PROMPTS = 256 << 20
"""Maximum total characters of the assistants' prompts in all topics."""


class _Named(msgspec.Struct):
    """Id of a block."""

    id: str = ""


class _Naming(msgspec.Struct):
    """Blocks to which a message refers."""

    blocks: list[str] = []


class _Topic(msgspec.Struct):
    """Blocks to which a topic's messages refer."""

    messages: list[_Naming] = []


def is_one(held: Mapping[str, object]) -> bool:
    """Whether JSON is a backup of Cherry Studio."""
    return "localStorage" in held and "indexedDB" in held


def opened(name: str, held: Mapping[str, object]) -> Source:
    """Return a backup as an export whose items are its topics. Raises Unreadable if there are too many."""
    database = parted(held["indexedDB"])
    topics = [*_topics(database)]
    blocks = _by_id(items(parted(table(database).get("message_blocks"))))
    owners = _owners(topics, blocks)
    about = _about(held["localStorage"])

    def read(place: int) -> object:
        """Return one topic with its blocks. Raises Unreadable."""
        topic = table(decode(topics[place]))
        settings = about.get(text(topic.get("id")), {})
        return {**settings, "topic": topic, "blocks": _decoded({id_: blocks[id_] for id_ in owners.get(place, ())})}

    return Source(name=name, format=FORMAT, count=len(topics), read=read)


def is_database(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether a ZIP is a newer type of backup, which contains the program's live database."""
    folders = {member.filename.removeprefix("./").partition("/")[0] for member in members}
    is_older = any(member.filename == _DATA for member in members)
    return not is_older and folders >= {"IndexedDB", "Local Storage"}


def attached(members: Sequence[zipfile.ZipInfo]) -> set[str]:
    """Return the attachment folders of backups in a ZIP, which contain no exports."""
    folders = {member.filename.rpartition("/")[0] for member in members if member.filename.rpartition("/")[2] == _DATA}
    found: set[str] = set()
    for member in members:
        above, is_within, _ = f"/{member.filename}".partition(f"/{_FILES_FOLDER}/")
        if is_within and above.removeprefix("/") in folders:
            found.add(f"{above}/{_FILES_FOLDER}".removeprefix("/"))
    return found


def _topics(database: object) -> Iterator[object]:
    """Yield the topics, still encoded. In the first version they are key-value pairs with a key for each topic."""
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
    """Return the blocks by ID, still encoded."""
    return {_id_of(block): block for block in blocks}


def _id_of(block: object) -> str:
    """Return the id of a block; empty if there is none. A block that is not strict JSON is decoded leniently."""
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
    """Return the block ids of each topic by its index.

    To save memory, a shared block belongs to the first topic only.
    """
    free = set(blocks)
    owners: defaultdict[int, list[str]] = defaultdict(list)
    for index, topic in enumerate(topics):
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
                owners[index].append(id_)
    return owners


def _named(topic: object) -> list[str]:
    """Return the block ids to which a topic refers, for a topic with malformed messages."""
    try:
        messages = tables(table(decode(topic)).get("messages"))
    except Unreadable:
        return []
    return [text(id_) for message in messages for id_ in items(message.get("blocks"))]


def _decoded(blocks: Mapping[str, object]) -> dict[str, object]:
    """Return decoded blocks. Unreadable ones are skipped and later counted as missing."""
    readable: dict[str, object] = {}
    for id_, block in blocks.items():
        try:
            readable[id_] = decode(block)
        except Unreadable:
            continue
    return readable


def _about(storage: object) -> dict[str, dict[str, object]]:
    """Return settings and assistant by topic id; empty if the settings are unreadable.

    All topics of an assistant have its prompt, unless the prompt is extremely long.
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
    """Decode JSON that may be stored as a string within JSON. Raises Unreadable."""
    held = decode(value)
    return decode(held.encode("utf-8", "surrogatepass")) if isinstance(held, str) else held
