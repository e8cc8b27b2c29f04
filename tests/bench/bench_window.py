"""The window on a real X server: first paint, memory, key press to character, and what it costs when idle."""

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
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import TextPart
from desktop.store.records import insert
from desktop.store.store import Store
from tests.e2e.window.keyboard import keyboard
from tests.e2e.window.screen import managed_screen, until
from tests.servers.faults import FaultServer
from tests.servers.threaded import fault_server

ROOT = Path(__file__).resolve().parents[2]
KEY = "bench-key-0123456789"
STORED = 10_000
WARM, COLD = 7, 5
KEYS, TOKENS_A_SECOND = 150, 100
IDLE_S = 5.0
PANES, MESSAGES = 8, 1_000

_AS_MAIN_DOES = (
    "from ui.app.startup import speed_up_imports; speed_up_imports(); import runpy;"
    "runpy.run_module('tests.bench.window_child', run_name='__main__', alter_sys=True)"
)

_SETTINGS = """
[chat]
default_model = "foundry/slow:{rate}:{tokens}"

[connections.foundry]
kind = "azure-inference"
url = "{origin}/openai/v1"
key_env = "BENCH_KEY"
"""
_TEXT = "The sky is blue because short waves are scattered more than long ones. " * 4
_ANSWER = f"{_TEXT}\n\n- one\n- two\n- three\n\n```python\nprint('a line of code')\n```\n\n{_TEXT}"


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    with (
        tempfile.TemporaryDirectory() as folder,
        managed_screen(Path(folder) / "home") as environ,
        fault_server(KEY) as server,
    ):
        base = Path(folder)
        empty, full = base / "empty", base / "full"
        asyncio.run(_fill(full))
        bench = Bench(base, {**environ, "BENCH_KEY": KEY}, server)
        return [
            *bench.starts("", empty),
            *bench.starts(f", {STORED:,} conversations stored", full),
            *bench.memory(),
            bench.typing(),
            bench.idle(full),
            *bench.workspace(base / "panes"),
        ]


@dataclass
class Watched:
    """A window that runs, and what it tells."""

    process: subprocess.Popen[str]
    begun: float

    def told(self) -> dict[str, Any]:
        """The next thing that it tells."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the window ended")
        told: dict[str, Any] = json.loads(line)
        return told

    def wait_for(self, what: str) -> dict[str, Any]:
        """The next thing of this kind that it tells."""
        while (told := self.told())["what"] != what:
            pass
        return told

    def since_start(self, what: str) -> float:
        """Milliseconds from the start of the process until it tells this."""
        return (self.wait_for(what)["at"] - self.begun) * 1000


@dataclass
class Bench:
    """Starts windows below `base` and measures them."""

    base: Path
    environ: Mapping[str, str]
    server: FaultServer

    @contextmanager
    def window(self, folder: Path, *works: str) -> Generator[Watched]:
        """A window over a data folder, closed when it is left."""
        with self._child(sys.executable, "-c", _AS_MAIN_DOES, str(folder), *works) as watched:
            yield watched

    def bare(self) -> float:
        """Milliseconds until a window of bare Qt is painted."""
        with self._child(sys.executable, "-m", "tests.bench.bare_window") as watched:
            return watched.since_start("painted")

    @contextmanager
    def _child(self, *words: str) -> Generator[Watched]:
        # Without what keeps Python from keeping compiled modules: a warm start has them.
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        begun = time.monotonic()
        process = subprocess.Popen(words, cwd=ROOT, env={**environ, **self.environ}, stdout=subprocess.PIPE, text=True)
        try:
            yield Watched(process, begun)
        finally:
            process.terminate()
            process.communicate()

    def starts(self, of_what: str, folder: Path) -> list[dict[str, object]]:
        """First paint warm and with nothing of the program's in the page cache; and the list in the sidebar."""
        painted: list[float] = []
        listed: list[float] = []
        bare: list[float] = []
        for _ in range(WARM + 1):
            bare.append(self.bare())
            with self.window(folder) as watched:
                painted.append(watched.since_start("painted"))
                listed.append(watched.since_start("listed"))
        cold: list[float] = []
        for _ in range(COLD):
            empty_cache(
                (ROOT / "desktop", ROOT / "ui", folder, Path(sys.prefix).resolve(), Path(sys.base_prefix) / "lib")
            )
            with self.window(folder) as watched:
                cold.append(watched.since_start("painted"))
                watched.wait_for("listed")
        return [
            row(f"start to first paint, warm{of_what}", statistics.median(painted[1:]), "ms", 350),
            row(
                f"start to first paint, warm, against bare Qt{of_what}",
                statistics.median(painted[1:]) / statistics.median(bare[1:]),
                "times",
                2.8,
            ),
            row(f"bare Qt to first paint, warm{of_what}", statistics.median(bare[1:]), "ms", None),
            row(f"start to first paint, cold disk{of_what}", statistics.median(cold), "ms", 700),
            row(
                f"start to first paint, cold disk, against warm bare Qt{of_what}",
                statistics.median(cold) / statistics.median(bare[1:]),
                "times",
                5,
            ),
            row(f"start to the list in the sidebar, warm{of_what}", statistics.median(listed[1:]), "ms", None),
        ]

    def memory(self) -> list[dict[str, object]]:
        """RSS and PSS of a window that has had one answer through the Azure SDK."""
        folder = self._foundry(tokens=200)
        with self.window(folder) as watched, keyboard(self.environ["DISPLAY"]) as keys:
            watched.wait_for("listed")
            keys.type("hello")
            keys.press("Return")
            self._asked(1)
            until(self.server.requests[-1].done.is_set, "the answer")
            time.sleep(2)
            found = _kilobytes(watched.process.pid)
        return [
            row("resident (RSS), one answer through the Azure SDK", found["Rss"] / 1024, "MB", 135),
            row("proportional (PSS), one answer through the Azure SDK", found["Pss"] / 1024, "MB", None),
        ]

    def typing(self) -> dict[str, object]:
        """95th percentile from a key pressed through XTEST to its character painted, while an answer streams."""
        pace = random.Random(1)
        folder = self._foundry(tokens=TOKENS_A_SECOND * 60)
        pressed: list[float] = []
        with self.window(folder) as watched, keyboard(self.environ["DISPLAY"]) as keys:
            watched.wait_for("listed")
            keys.type("hello")
            keys.press("Return")
            self._asked(2)
            time.sleep(3)
            for _ in range(KEYS):
                pressed.append(time.monotonic())
                keys.press("e")
                time.sleep(pace.uniform(0.08, 0.16))
            painted: dict[int, float] = {}
            while len(painted) < 5 or max(painted) < KEYS:
                told = watched.wait_for("typed")
                if told["at"] > pressed[0]:
                    painted.setdefault(int(told["length"]), float(told["at"]))
        taken = [(painted[length] - at) * 1000 for length, at in enumerate(pressed, 1) if length in painted]
        worst = statistics.quantiles(taken, n=20)[18]
        return row(f"key press to character, 95%, answer at {TOKENS_A_SECOND} tok/s", worst, "ms", 16)

    def idle(self, folder: Path) -> dict[str, object]:
        """CPU of a window in which nothing happens."""
        with self.window(folder) as watched:
            watched.wait_for("listed")
            time.sleep(3)
            before = _cpu_s(watched.process.pid)
            time.sleep(IDLE_S)
            used = _cpu_s(watched.process.pid) - before
        return row(f"CPU when idle, over {IDLE_S:g} s", used / IDLE_S * 100, "%", None)

    def workspace(self, folder: Path) -> list[dict[str, object]]:
        """From a chat to a comparison of eight long conversations, another pane, the palette: until each is painted."""
        comparison, conversation = asyncio.run(_fill_panes(folder))
        took: dict[str, list[float]] = {"read": [], "switched": [], "added": [], "palette": []}
        with self.window(folder, comparison, conversation) as watched:
            while (told := watched.told())["what"] != "worked":
                if told["what"] in took:
                    took[told["what"]].append(told["ms"])
        return [
            row(
                f"from a chat to a comparison of {PANES} panes, {MESSAGES:,} messages each",
                statistics.median(took["switched"]),
                "ms",
                150,
            ),
            row("of that, reading the conversations from the store", statistics.median(took["read"]), "ms", None),
            row("another pane", statistics.median(took["added"]), "ms", 50),
            row("opening the command palette", statistics.median(took["palette"]), "ms", 30),
        ]

    def _foundry(self, tokens: int) -> Path:
        folder = self.base / f"foundry-{tokens}"
        (folder / "config").mkdir(parents=True)
        text = _SETTINGS.format(rate=TOKENS_A_SECOND, tokens=tokens, origin=self.server.origin)
        (folder / "config" / "settings.toml").write_text(text)
        return folder

    def _asked(self, times: int) -> None:
        """Wait until so many answers have been asked for."""
        until(lambda: sum(each.method == "POST" for each in self.server.requests) >= times, "the request")


def empty_cache(folders: tuple[Path, ...]) -> None:
    """Empty the page cache, or where only root may, let it forget the files below these folders.

    What another process has mapped stays.
    """
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        for path in (each for folder in folders for each in folder.rglob("*") if each.is_file()):
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def row(name: str, value: float, unit: str, target: float | None) -> dict[str, object]:
    """One figure beside its target."""
    met = None if target is None else value <= target
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "met": met}


def _kilobytes(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _fill(folder: Path) -> None:
    """Keep many conversations in one transaction."""
    models = [ModelRef(connection="foundry", name=name) for name in ("grok-4.7", "gpt-4.1", "llama-3.3")]
    made = [_conversation(number, models[number % len(models)]) for number in range(STORED)]
    (folder / "data").mkdir(parents=True)
    async with await Store.open(folder / "data") as store:
        await store.conversations._database.write(lambda sql: [insert.insert(sql, each) for each in made])


async def _fill_panes(folder: Path) -> tuple[str, str]:
    """Keep a comparison of long conversations and a short one; the ids of both."""
    ref = ModelRef(connection="foundry", name="grok-4.7")
    made = [_long(number, ref) for number in range(PANES)]
    short = _conversation(0, ref)
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in made)
    comparison = new_comparison(states)
    (folder / "data").mkdir(parents=True)
    async with await Store.open(folder / "data") as store:
        await store.conversations._database.write(lambda sql: [insert.insert(sql, each) for each in (*made, short)])
        await store.comparisons.save(comparison)
    return comparison.id, short.id


def _long(number: int, model: ModelRef) -> Conversation:
    """A conversation of many turns, whose answers have lists and code among their paragraphs."""
    at, messages, parent = now(), list[Message](), None
    for place in range(MESSAGES):
        role, text = (Role.USER, f"Question {place}?") if place % 2 == 0 else (Role.ASSISTANT, _ANSWER)
        part = TextPart(text=text)
        messages.append(
            Message(id=new_id(), parent=parent, role=role, parts=(part,), status=Status.COMPLETE, created_at=at)
        )
        parent = messages[-1].id
    return msgspec.structs.replace(_conversation(number, model), messages=tuple(messages), current=parent)


def _conversation(number: int, model: ModelRef) -> Conversation:
    asked, answered = new_id(), new_id()
    at = now()
    messages = tuple(
        Message(id=own, parent=parent, role=role, parts=(TextPart(text=_TEXT),), status=Status.COMPLETE, created_at=at)
        for own, parent, role in ((asked, None, Role.USER), (answered, asked, Role.ASSISTANT))
    )
    return Conversation(
        id=new_id(),
        title=f"Conversation {number}",
        model=model,
        created_at=at,
        updated_at=at,
        current=answered,
        messages=messages,
    )
