"""Large imports: thousands of conversations, killed at any moment and started again, with any text."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.store.store import Store
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.importer import Importer
from tests.desktop.store.made import Clock
from tests.desktop.transfer.made import START, chatgpt, chatgpt_node
from tests.fork_server import start
from tests.slowness import slowness

NAUGHTY = (
    "",
    "undefined",
    "NaN\0null",
    "\ufeffmark",
    "\u202eright to left\u202c",
    "zero\u200bwidth\u200d",
    "a\u2028b\u2029c\x85d\x0be",
    "\x01\x02\x1b[31mred\x07\x7f",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "표준국어대사전",
    "הָיְתָהtestالصفحات",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "👨‍👩‍👧‍👦🏳️‍🌈 0️⃣",
    "\U0001d4ae\U0010ffff\ue000",
    "<script>alert('x')</script><img src=file:///etc/passwd>",
    "'; DROP TABLE messages; --",
    '"quoted" \\backslash\\ `tick` ${x} {{y}} %s %n',
    "../../etc/passwd\r\nSet-Cookie: a=b",
    "ﬁ ﷽ ǅ İıẞß",
    "word " * 500,
)


KILLS = int(os.environ.get("PARAGONE_TEST_KILLS", "10"))


def branching(number: int) -> dict[str, Any]:
    """Return a chat of two turns whose second prompt was edited: two branches, the first one shown."""
    at = START + number * 60
    nodes = [
        chatgpt_node("p1", "root", parts=[f"question {number}"], create_time=at),
        chatgpt_node(
            "a1", "p1", "assistant", ["answer"], create_time=at + 1, metadata={"model_slug": f"gpt-{number % 3}"}
        ),
        chatgpt_node("p2", "a1", parts=["one way"], create_time=at + 2),
        chatgpt_node("p3", "a1", parts=["another way"], create_time=at + 3),
    ]
    return chatgpt(*nodes, conversation_id=f"c{number}", title=f"Chat {number}", create_time=at, current_node="p2")


def exported(folder: Path, number: int) -> Path:
    path = folder / "conversations.json"
    path.write_text(json.dumps([branching(each) for each in range(number)]))
    return path


def import_and_kill(folder: Path, path: Path, after_s: float) -> None:
    """Import in another process and kill it after some seconds."""
    child = start("tests.desktop.transfer.child", [str(folder), str(path)])
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(after_s)
    child.kill()
    child.communicate()


@pytest.mark.long
@pytest.mark.slow
async def test_five_thousand_chats_come_with_branches_times_and_models(tmp_path: Path) -> None:
    path = exported(tmp_path, 5_000)
    async with await Store.open(tmp_path / "data") as store:
        importing = Importer(store, [path])
        report = await importing.run()
        importing.close()
        assert (len(report.added), report.messages, report.failed) == (5_000, 20_000, False)
        (hit,) = await store.search('"question 4321"')
        found = await store.conversations.get(hit.conversation.id)
        assert [message.text for message in found.path()] == ["question 4321", "answer", "one way"]
        assert [message.text for message in found.messages if message not in found.path()] == ["another API"]
        assert (found.created_at.timestamp(), found.model.name) == (START + 4321 * 60, "gpt-1")
        listed = await store.conversations.list(model=ModelRef(connection="imported-chatgpt", name="gpt-0"))
        assert len(listed) == 1667


@pytest.mark.slow
@pytest.mark.timeout(4 * (60 + 3 * KILLS))
async def test_killed_at_any_moment_no_conversation_is_half_there_and_the_rest_follows(tmp_path: Path) -> None:
    rng = random.Random(3)
    number = 150 * KILLS
    path = exported(tmp_path, number)
    folder = tmp_path / "data"
    there, slow = 0, 2 * slowness()
    for _ in range(KILLS):
        await asyncio.to_thread(import_and_kill, folder, path, rng.uniform(0, 0.12 * slow))
        async with await Store.open(folder) as store:
            kept = await store.conversations.list()
            assert all(each.message_count == 4 and each.title.startswith("Chat") for each in kept)
            assert len(kept) >= there
            there = len(kept)
    assert there > 0
    async with await Store.open(folder) as store:
        importing = Importer(store, [path])
        report = await importing.run()
        importing.close()
        assert len(report.added) == number - there
        assert len(await store.conversations.list()) == number
        await store._database.write(
            lambda sql: sql.run("INSERT INTO messages_index (messages_index, rank) VALUES ('integrity-check', 1)")
        )


async def test_naughty_strings_come_through_store_search_export_and_import(tmp_path: Path) -> None:
    chats = [
        chatgpt(
            chatgpt_node("p", "root", parts=[f"{text} needle"], create_time=START),
            conversation_id=str(number),
            title=text or "empty",
        )
        for number, text in enumerate(NAUGHTY)
    ]
    path = tmp_path / "c.json"
    path.write_text(json.dumps(chats))
    async with await Store.open(tmp_path / "one", clock=Clock()) as store:
        importing = Importer(store, [path])
        await importing.run()
        importing.close()
        await store.tags.add([each.id for each in await store.conversations.list()], NAUGHTY[13])
        hits = await store.search("needle", 100)
        assert len(hits) == len(NAUGHTY)
        first = {each.id: await store.conversations.get(each.id) for each in await store.conversations.list()}
        assert {each.messages[0].text for each in first.values()} == {f"{text} needle" for text in NAUGHTY}
        await export.export(store, await export.choose_all(store), ExportFormat.JSON, tmp_path / "all.json")
        for form in (ExportFormat.MARKDOWN, ExportFormat.HTML):
            await export.export(store, await export.choose_all(store), form, tmp_path / form.value)
    async with await Store.open(tmp_path / "two") as other:
        importing = Importer(other, [tmp_path / "all.json"])
        report = await importing.run()
        importing.close()
        assert not report.failed
        second = {each.id: await other.conversations.get(each.id) for each in await other.conversations.list()}
        assert second == first
        assert [each.tag for each in await other.tags.list()] == [NAUGHTY[13]]
