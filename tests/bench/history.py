"""What keeping and finding costs with 50,000 conversations and a million messages, against an empty store."""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import PartKind, TextPart
from desktop.store.conversation_list import Wanted
from desktop.store.store import Store
from desktop.transfer.importer import Importer
from tests.bench.bench_window import ROOT, Bench, Watched, row
from tests.bench.great_store import CONVERSATIONS, great_store, spoken_words
from tests.e2e.window.screen import managed_screen
from tests.servers.threaded import fault_server

IMPORTED, TURNS = 5_000, 10
STARTS = 7
_TEXT = "The sky is blue because short waves are scattered more than long ones, and there are more of them. " * 5
_FILTERS = ("model:grok", "from:2026-01", "is:pinned", "has:code", "tag:work", "role:user")


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    made = great_store()
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        base = Path(folder)
        full = base / "full"
        subprocess.run(["cp", "-r", "--reflink=auto", str(made), str(full)], check=True)
        rows = asyncio.run(_in_process(full / "data", base))
        with managed_screen(base / "home") as environ, fault_server("key") as server:
            return [*rows, *_windows(Bench(base, environ, server), base / "empty", full)]


async def _in_process(folder: Path, base: Path) -> list[dict[str, object]]:
    async with await Store.open(folder) as store:
        rows = [*await _lists(store), *await _searches(store), *await _conversations(store), *await _deltas(store)]
        rows += await _import(store, base / "export.json")
        rows += await _backup(store, base / "backups" / "conversations.db")
    return rows


async def _lists(store: Store) -> list[dict[str, object]]:
    def periods(oldest: object) -> list[Any]:
        return [now() - timedelta(days=30 * number) for number in range(26)]

    by_model = await _median(20, lambda: store.listings.by_model(Wanted()))
    by_date = await _median(20, lambda: store.listings.by_date(Wanted(), periods))
    return [
        row("great store: list by model", by_model, "ms", 30),
        row("great store: list by date", by_date, "ms", 30),
    ]


async def _searches(store: Store) -> list[dict[str, object]]:
    words = spoken_words()
    typed = [*_letters(words), *(f"{one} {part}" for one in words[3:7] for part in _letters(words[5:9]))]
    taken = [await _timed(store.search(text, 100)) for text in typed]
    filtered = [await _timed(store.search(f"{each} {word}", 100)) for each in _FILTERS for word in words]
    return [
        row("great store: search as you type, median", statistics.median(taken), "ms", 50),
        row("great store: search as you type, 95%", statistics.quantiles(taken, n=20)[18], "ms", 150),
        row("great store: search with filters, median", statistics.median(filtered), "ms", 50),
        row("great store: search with filters, 95%", statistics.quantiles(filtered, n=20)[18], "ms", 150),
    ]


def _letters(words: Sequence[str]) -> list[str]:
    return [word[:end] for word in words for end in range(1, len(word) + 1)]


async def _conversations(store: Store) -> list[dict[str, object]]:
    ids = _some_ids()
    taken = [await _timed(store.conversations.get(id_)) for id_ in ids]
    return [
        row("great store: read any conversation, median", statistics.median(taken), "ms", 50),
        row("great store: read the longest, 2,000 messages", taken[0], "ms", None),
    ]


def _some_ids() -> list[str]:
    """Conversations from anywhere, the longest first."""
    rng = random.Random(2)
    numbers = [CONVERSATIONS // 2 + 1, *(rng.randrange(1, CONVERSATIONS) for _ in range(40))]
    return [f"c{number:031x}" for number in numbers]


async def _deltas(store: Store) -> list[dict[str, object]]:
    talk = _conversation()
    answer = _message(Role.ASSISTANT, talk.messages[0].id, "", Status.STREAMING)
    await store.conversations.begin(talk, None, answer)
    taken = [await _timed(store.conversations.append(answer.id, [(PartKind.TEXT, "word ")])) for _ in range(500)]
    finished = _message(Role.ASSISTANT, answer.parent, _TEXT, Status.COMPLETE, answer.id)
    end = await _timed(store.conversations.finish(finished))
    return [
        row("great store: store a delta", statistics.median(taken), "ms", 1),
        row("great store: end an answer", end, "ms", None),
    ]


async def _import(store: Store, path: Path) -> list[dict[str, object]]:
    await asyncio.to_thread(path.write_text, json.dumps([_chat(number) for number in range(IMPORTED)]))
    importing = Importer(store, [path])
    began = time.perf_counter()
    async with _Stalls() as stalls:
        report = await importing.run()
    taken = time.perf_counter() - began
    importing.close()
    assert (len(report.added), report.messages) == (IMPORTED, IMPORTED * TURNS * 2)
    return [
        row("great store: import 5,000 ChatGPT chats, 100,000 messages", taken, "s", 20),
        row("great store: longest stall of the loop while importing", stalls.longest, "ms", 100),
    ]


async def _backup(store: Store, path: Path) -> list[dict[str, object]]:
    async with _Stalls() as stalls:
        taken = await _timed(store.backup(path))
    return [
        row("great store: backup", taken / 1000, "s", None),
        row("great store: longest stall of the loop while backing up", stalls.longest, "ms", 16),
    ]


class _Stalls:
    """Watches how late the loop wakes up: `longest` in milliseconds."""

    longest = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, (time.perf_counter() - before) * 1000 - 1)


def _windows(bench: Bench, empty: Path, full: Path) -> list[dict[str, object]]:
    # In turn, so that both see the same machine.
    starts = {folder: [_start(bench, folder) for _ in range(STARTS + 1)][1:] for folder in (empty, full)}
    # The quickest of each: what the store costs is not to be lost in what else the machine does.
    painted = {folder: min(each[0] for each in starts[folder]) for folder in starts}
    listed = {folder: min(each[1] for each in starts[folder]) for folder in starts}
    memory = {folder: _memory(bench, folder) for folder in (empty, full)}
    with _history(bench, full) as watched:
        told = list(_until_worked(watched))
    opened = [each["ms"] for each in told if each["what"] == "opened"]
    found = [each["ms"] for each in told if each["what"] == "found"]
    return [
        row("great store: start to first paint, over an empty store", painted[full] - painted[empty], "ms", 10),
        row("great store: start to the list, over an empty store", listed[full] - listed[empty], "ms", None),
        row("great store: memory (RSS) over an empty store", memory[full] - memory[empty], "MB", 20),
        row("great store: open any conversation to its first screen, median", statistics.median(opened), "ms", 50),
        row("great store: open any conversation to its first screen, worst", max(opened), "ms", None),
        row("great store: letter typed to hits painted, median", statistics.median(found), "ms", 50),
        row("great store: letter typed to hits painted, 95%", statistics.quantiles(found, n=20)[18], "ms", 150),
    ]


def _start(bench: Bench, folder: Path) -> tuple[float, float]:
    with bench.window(folder) as watched:
        return watched.since_start("painted"), watched.since_start("listed")


def _memory(bench: Bench, folder: Path) -> float:
    with bench.window(folder) as watched:
        watched.wait_for("listed")
        time.sleep(3)
        lines = Path(f"/proc/{watched.process.pid}/smaps_rollup").read_text().splitlines()[1:]
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss")) / 1024


@contextmanager
def _history(bench: Bench, folder: Path) -> Generator[Watched]:
    words = ",".join(spoken_words()[2:10])
    command = [sys.executable, "-m", "tests.bench.history_child", str(folder), words, *_some_ids()]
    begun = time.monotonic()
    environ = {**os.environ, **bench.environ}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        yield Watched(process, begun)
    finally:
        process.terminate()
        process.communicate()


def _until_worked(watched: Watched) -> Iterator[dict[str, Any]]:
    while (told := watched.told())["what"] != "worked":
        yield told


async def _timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return (time.perf_counter() - begun) * 1000


async def _median(times: int, work: Callable[[], Awaitable[object]]) -> float:
    return statistics.median([await _timed(work()) for _ in range(times)])


def _message(role: Role, parent: str | None, text: str, status: Status, id_: str = "") -> Message:
    parts = (TextPart(text=text),) if text else ()
    return Message(id=id_ or new_id(), parent=parent, role=role, parts=parts, status=status, created_at=now())


def _conversation() -> Conversation:
    asked = _message(Role.USER, None, _TEXT, Status.COMPLETE)
    at = now()
    model = ModelRef(connection="embedded", name="smollm2")
    return Conversation(
        id=new_id(), title="Bench", model=model, created_at=at, updated_at=at, current=asked.id, messages=(asked,)
    )


def _chat(number: int) -> dict[str, Any]:
    """A chat as ChatGPT exports it, with an answer that was made twice."""
    nodes: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    before = "root"
    for turn in range(TURNS):
        asked, answered = f"p{turn}", f"a{turn}"
        nodes[asked] = _node(asked, before, "user", f"Question {number} {turn}: {_TEXT[:180]}", number, turn * 2)
        nodes[answered] = _node(answered, asked, "assistant", _TEXT + _TEXT[:320], number, turn * 2 + 1)
        before = asked if turn == TURNS - 2 else answered
    made = 1_700_000_000.0 + number * 3_600
    about = {"title": f"Chat {number}", "create_time": made, "update_time": made + 600, "current_node": before}
    return {**about, "conversation_id": f"bench-{number}", "mapping": nodes}


def _node(id_: str, parent: str, role: str, text: str, number: int, place: int) -> dict[str, Any]:
    message = {
        "id": id_,
        "author": {"role": role},
        "content": {"content_type": "text", "parts": [text]},
        "create_time": 1_700_000_000.0 + number * 3_600 + place,
        "metadata": {"model_slug": "gpt-4o"},
    }
    return {"id": id_, "parent": parent, "children": [], "message": message}
