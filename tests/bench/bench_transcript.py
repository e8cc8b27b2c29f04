"""The transcript in real windows on an X server: panes that stream, long conversations, scrolling, memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.corpus import MADE, pieces
from tests.e2e.window.screen import x_server
from tests.servers.faults import BEHAVIOURS
from tests.servers.http1 import Exchange
from tests.servers.threaded import fault_server
from tests.servers.wire import DONE, bare, chunk, event, usage

ROOT = Path(__file__).resolve().parents[2]
RATE = 100
TOKENS = 1500
Row = dict[str, object]

_said_at: list[float] = []
"""When the server had sent the last token of each stream, by the clock that its children have too."""


def measure() -> list[Row]:
    """Rows of name, value, unit, target and met."""
    BEHAVIOURS["corpus"] = _corpus
    rows: list[Row] = []
    with x_server() as screen, fault_server() as server:
        child = _Child(screen, server.url)
        for panes in (1, 2, 4, 8, 16):
            rows += _streaming(child, panes)
        long = child("stream", "answer", 20_000, 1, 2000)
        against = long["cpu_late"] / long["cpu_early"]
        rows.append(_row("CPU a token at 20,000 tokens against at 500", against, "times", 1.2))
        for tail in ("paragraph", "list", "table", "fence"):
            found = child("stream", tail, TOKENS, 1, RATE)
            rows.append(_row(f"worst tail, one {tail}: longest stretch", found["longest"], "ms", 33))
        opened = child("open", 5000, 1)
        rows += [
            _row("open 5,000 messages, first", opened["first"], "ms", 80),
            _row("open 5,000 messages, again", opened["again"], "ms", 25),
            _row("wheel step, median", opened["wheel"], "ms", 2),
            _row("wheel step, 95 %", opened["wheel95"], "ms", 6),
            _row("resize step", opened["resize"], "ms", 6),
            _row("resident, 8 panes of 5,000 messages", child("open", 5000, 8)["rss"], "MB", 170),
        ]
    return rows


def _streaming(child: _Child, panes: int) -> list[Row]:
    _said_at.clear()
    found = child("stream", "answer", TOKENS, panes, RATE)
    behind_ms = (found["ended_at"] - max(_said_at)) * 1000
    aimed = panes == 8
    what = f"{panes} x {RATE} tok/s"
    return [
        _row(f"{what}: busy in a frame, 95 %", found["p95"], "ms", 10 if aimed else None),
        _row(f"{what}: busy in a frame, 99 %", found["p99"], "ms", 14 if aimed else None),
        _row(f"{what}: longest stretch", found["longest"], "ms", 33 if aimed else None),
        _row(f"{what}: slowest answer of the loop", found["answer"], "ms", None),
        _row(f"{what}: main thread's load", found["load"], "%", 35 if aimed else None),
        _row(f"{what}: CPU a token", found["cpu_token"], "ms", None),
        _row(f"{what}: CPU a token, in pieces of reference work", found["cpu_token_ratio"], "times", None),
        _row(f"{what}: behind the server at the end", behind_ms, "ms", None),
    ]


def _row(name: str, value: float, unit: str, target: float | None) -> Row:
    met = None if target is None else value <= target
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "met": met}


class _Child:
    """Measures in a process of its own."""

    def __init__(self, screen: dict[str, str], url: str) -> None:
        self._environ = {**os.environ, **screen, "QT_QPA_PLATFORM": "xcb", "QT_NO_GLIB": "1"}
        self._url = url

    def __call__(self, what: str, *arguments: object) -> dict[str, float]:
        with _folder() as folder:
            words = [sys.executable, "-m", "tests.bench.transcript_child", folder, self._url, what]
            done = subprocess.run(
                [*words, *map(str, arguments)], env=self._environ, cwd=ROOT, capture_output=True, text=True, timeout=300
            )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _folder() -> Generator[str]:
    with tempfile.TemporaryDirectory(prefix="paragone-bench-") as made:
        yield made


async def _corpus(x: Exchange, arg: str) -> None:
    """corpus:NAME:TOKENS:RATE streams a text of the corpus, a token a delta, at tokens a second."""
    name, tokens, rate = arg.split(":")
    await x.start()
    said = pieces(MADE[name](int(tokens)))
    begun = asyncio.get_running_loop().time()
    for number, piece in enumerate(said):
        await x.send(event(chunk({"content": piece})))
        ahead = begun + (number + 1) / float(rate) - asyncio.get_running_loop().time()
        if ahead > 0:
            await asyncio.sleep(ahead)
    _said_at.append(time.monotonic())
    for last in (event(chunk(finish="stop")), event(bare(usage=usage(7, len(said)))), DONE):
        await x.send(last)
    await x.end()
