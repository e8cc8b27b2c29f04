"""Exports cut, bent and shuffled at random: a report each time, never a bug, never half a conversation."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, cast

import pytest

from desktop.store.store import Store
from desktop.transfer.importer import Importer
from desktop.transfer.paragone_json import export
from tests.desktop.transfer.made import AT, arbitrary, chatgpt_chat

_STRANGE: tuple[Any, ...] = (None, True, -1, 1e300, 1 << 70, "", "x", "\ud83d", [], {}, [None], {"a": []}, "p0", "root")


def seeds() -> list[bytes]:
    claude = [{"uuid": "1", "name": "n", "chat_messages": [{"uuid": "2", "sender": "human", "text": "a"}]}]
    chat = {"history": {"currentId": "a", "messages": {"a": {"id": "a", "role": "user", "content": "x"}}}}
    said = [{"id": "m", "messageId": "m", "isCreatedByUser": True, "role": "user", "content": "x", "text": "x"}]
    libre = {"conversationId": "c", "messages": said}
    box = {"chat-sessions-list": [{"id": "1"}], "session:1": {"messages": said}}
    ui = {"version": 4, "history": [{"name": "n", "model": {"id": "m"}, "messages": said}]}
    agi = {"conversations": [{"id": "1", "systemPurposeId": "x", "messages": said}]}
    own = export([arbitrary(random.Random(7), 7).conversation], AT)
    held: list[Any] = [[chatgpt_chat("a", 2)], claude, [{"id": "1", "chat": chat}], libre, box, ui, agi]
    return [*(json.dumps(each).encode() for each in held), own.encode()]


def bent(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any JSON
    """The value with a few of its parts replaced by something strange, or gone."""
    if rng.random() < 0.04:
        return rng.choice(_STRANGE)
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return {key: bent(each, rng) for key, each in held.items() if rng.random() > 0.02}
    if isinstance(value, list):
        return [bent(each, rng) for each in cast("list[Any]", value)]
    return value


def cut(data: bytes, rng: random.Random) -> bytes:
    """The bytes with some of them gone, doubled or changed."""
    at, length = rng.randrange(len(data)), rng.randrange(1, 20)
    return rng.choice((data[:at], data[:at] + data[at + length :], data[:at] + rng.randbytes(3) + data[at:]))


@pytest.mark.parametrize("place", range(len(seeds())))
async def test_whatever_a_file_holds_there_is_a_report_and_only_whole_trees(place: int, tmp_path: Path) -> None:
    rng = random.Random(place)
    data = seeds()[place]
    paths: list[Path] = []
    for number in range(120):
        made = json.dumps(bent(json.loads(data), rng)).encode() if number % 2 else cut(data, rng)
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
