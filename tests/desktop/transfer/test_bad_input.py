"""Exports that are truncated or altered at random: always a report, and never half a conversation."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, cast

import pytest

from desktop.store.store import Store
from desktop.transfer.export.paragone_json import export
from desktop.transfer.importer import Importer
from tests.desktop.transfer.made import AT, arbitrary, chatgpt_chat

_STRANGE: tuple[Any, ...] = (None, True, -1, 1e300, 1 << 70, "", "x", "\ud83d", [], {}, [None], {"a": []}, "p0", "root")
_BETWEEN = b"\n\n\n"  # never part of the JSON written here


def seeds() -> list[bytes]:
    claude = [{"uuid": "1", "name": "n", "chat_messages": [{"uuid": "2", "sender": "human", "text": "a"}]}]
    chat = {"history": {"currentId": "a", "messages": {"a": {"id": "a", "role": "user", "content": "x"}}}}
    said = [{"id": "m", "messageId": "m", "isCreatedByUser": True, "role": "user", "content": "x", "text": "x"}]
    libre = {"conversationId": "c", "messages": said}
    box = {"chat-sessions-list": [{"id": "1"}], "session:1": {"messages": said}}
    ui = {"version": 4, "history": [{"name": "n", "model": {"id": "m"}, "messages": said}]}
    agi = {"conversations": [{"id": "1", "systemPurposeId": "x", "messages": said}]}
    block: dict[str, Any] = {"type": "contentBlock", "content": [{"type": "text", "text": "x"}]}
    versions = [{"role": "assistant", "steps": [block]}, {"role": "user", "content": "x"}]
    studio = {"name": "n", "createdAt": 5, "messages": [{"versions": versions, "currentlySelected": 1}]}
    part = {"type": "text", "text": {"value": "x"}}
    metas: list[dict[str, Any]] = [{"parentId": None, "activeChildId": "b"}, {"parentId": "a"}]
    jans = [
        {"id": id_, "role": "user", "content": [part], "metadata": meta} for id_, meta in zip("ab", metas, strict=True)
    ]
    jan = {"title": "n", "exported_at": "", "messages": jans}
    next_ = {"chat-next-web-store": {"sessions": [{"id": "1", "messages": said, "mask": {"context": said}}]}}
    thread = {"messages": said, "userMessageContent": "y"}
    typing = {"data": {"chats": [{"chatID": "1", "messages": [{**said[0], "threads": [thread]}]}]}}
    topic = {"id": "1", "messages": [{"id": "m", "role": "assistant", "askId": "q", "blocks": ["b"]}]}
    blocks = [{"id": "b", "type": "main_text", "content": "x"}]
    cherry = {"localStorage": {}, "indexedDB": {"topics": [topic], "message_blocks": blocks}}
    activity = {"header": "Gemini Apps", "title": "Prompted x", "time": "2026-03-04T05:06:07Z", "products": ["Gemini"]}
    gemini = [{**activity, "safeHtmlItem": [{"html": "<p>so</p>"}]}, activity]
    mistral: Any = [{"id": "m", "chatId": "c", "role": "user", "content": "x", "contentChunks": [], "createdAt": ""}]
    witsy: Any = {"folders": [{"name": "f", "chats": ["1"]}], "chats": [{"uuid": "1", "engine": "e", "messages": said}]}
    own = export([arbitrary(random.Random(7), 7).conversation], AT)
    held: list[Any] = [[chatgpt_chat("a", 2)], claude, [{"id": "1", "chat": chat}], libre, box, ui, agi]
    held += [studio, jan, next_, typing, cherry, gemini, mistral, witsy]
    lines = _BETWEEN.join(json.dumps({**each, "object": "thread.message"}).encode() for each in jans)
    return [*(json.dumps(each).encode() for each in held), own.encode(), lines]


def bent(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any JSON
    """Return a value with a few parts replaced or removed."""
    if rng.random() < 0.04:
        return rng.choice(_STRANGE)
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return {key: bent(each, rng) for key, each in held.items() if rng.random() > 0.02}
    if isinstance(value, list):
        return [bent(each, rng) for each in cast("list[Any]", value)]
    return value


def bent_lines(data: bytes, rng: random.Random) -> bytes:
    """Do the same for JSON, or for each line of JSON Lines."""
    return _BETWEEN.join(json.dumps(bent(json.loads(each), rng)).encode() for each in data.split(_BETWEEN))


def cut(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with some of them removed, doubled or changed."""
    at, length = rng.randrange(len(data)), rng.randrange(1, 20)
    return rng.choice((data[:at], data[:at] + data[at + length :], data[:at] + rng.randbytes(3) + data[at:]))


@pytest.mark.parametrize("place", range(len(seeds())))
async def test_whatever_a_file_holds_there_is_a_report_and_only_whole_trees(place: int, tmp_path: Path) -> None:
    rng = random.Random(place)
    data = seeds()[place]
    paths: list[Path] = []
    for number in range(120):
        made = bent_lines(data, rng) if number % 2 else cut(data, rng)
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(made)
    async with await Store.open(tmp_path / "store") as store:
        importing = Importer(store, paths)
        report = await importing.run()
        assert len(report.files) == len(paths)
        assert all(file.problem or file.items or file.format for file in report.files)
        for each in await store.conversations.list():
            conversation = await store.conversations.get(each.id)
            ids = {message.id for message in conversation.messages}
            assert all(message.parent in {*ids, None} for message in conversation.messages)
            assert conversation.current in {*ids, None}
        assert (await importing.run()).added == ()
