"""One measurement of the transcript in a process and a window of its own; prints one JSON object.

    python -m tests.bench.transcript_child FOLDER URL stream CORPUS TOKENS PANES RATE
    python -m tests.bench.transcript_child FOLDER URL open MESSAGES PANES

FOLDER becomes the data folder, URL is the loopback server's. Run on an X server.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import msgspec
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

import main as program
from desktop.domain.conversation_types import (
    Auth,
    Connection,
    Conversation,
    Kind,
    Message,
    ModelRef,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import TextPart
from desktop.services import Services
from desktop.session.session import new_conversation
from tests.bench.corpus import answer
from tests.bench.main_thread_watch import MainThreadWatch
from tests.bench.reference import Reference
from ui.app.loop import Loop
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.drafts import Drafts
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources, looks_on_demand
from ui.transcript.frame_scheduler import FrameScheduler
from ui.transcript.list.message_list import MessageList
from ui.transcript.text.drawings import Drawings
from ui.transcript.warm import warm

_EARLY = 1_000
"""Tokens from the beginning whose cost is that of the 500th, in the mean."""

SIZE = (1600, 1000)


class Bench:
    """A window of panes over real services."""

    def __init__(self, folder: str, url: str, panes: int) -> None:
        self._services = services(folder, url)
        self._tasks = Tasks()
        themes = Themes()
        themes.choose("light")
        themes.apply()
        self.window = QWidget()
        grid = QGridLayout(self.window)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(1)
        ask = self._services.renderer.ask if self._services.renderer is not None else None
        drafts = Drafts(self._services.paths.data / "drafts.json", self._tasks)
        looks = looks_on_demand(self._services, self._tasks, self.window)
        shared = PaneResources(FrameScheduler(self.window), drafts, looks, Drawings(ask, self._tasks))
        self.panes = [Pane(self._services, self._tasks, themes, shared) for _ in range(panes)]
        columns = panes if panes <= 4 else math.ceil(panes / (2 if panes <= 8 else 4))
        for number, pane in enumerate(self.panes):
            grid.addWidget(pane, number // columns, number % columns)
        self.window.resize(*SIZE)
        self.window.show()
        self._watch = MainThreadWatch(asyncio.get_running_loop())

    async def close(self) -> None:
        """End in order."""
        self._watch.stop()
        for pane in self.panes:
            pane.stop()
        await self._tasks.cancel_all()
        await self._services.aclose()

    async def stream(self, corpus: str, tokens: int, rate: int) -> dict[str, float]:
        """All panes are asked at once and answer at a rate; figures of the time in which all of them stream."""
        ref = ModelRef(connection="lab", name=f"corpus:{corpus}:{tokens}:{rate}")
        await warm()
        gc.collect()
        gc.freeze()
        for pane in self.panes:
            pane.start_new(ref)
        await asyncio.sleep(0.3)
        ended_at = list[float]()

        def ended(answering: bool) -> None:
            """Told of each answer's end, last of all; whether others go on."""
            if not answering:
                asyncio.get_running_loop().call_soon(lambda: ended_at.append(time.monotonic()))

        for pane in self.panes:
            pane.answering_changed.connect(ended)
            pane.composer.put(Prompt("Go on."))
            pane.composer.sent.emit(Prompt("Go on."))
        lists = [pane.findChild(MessageList) for pane in self.panes]
        await _until(lambda: all(_has_begun(pane) for pane in self.panes))
        for each in lists:  # prompts stand at the top: what grows would soon be below what is seen
            assert each is not None
            each.to_end()
        reference = Reference()

        def used() -> float:
            return time.thread_time() - reference.spent_s

        start, cpu = time.perf_counter(), used()
        half, half_cpu, half_tokens = 0.0, 0.0, 0
        early = 0.0
        begun = sum(len(pane.transcript.rows[-1].text) for pane in self.panes)
        while any(pane.is_answering for pane in self.panes):
            await asyncio.sleep(0.05)
            reference.take()
            done = sum(len(pane.transcript.rows[-1].text) for pane in self.panes)
            if not early and done - begun >= _EARLY * 4 * len(self.panes):
                early = (used() - cpu) / ((done - begun) / 4)
            if not half and done >= tokens * 4 * len(self.panes) * 0.9:
                half, half_cpu, half_tokens = time.perf_counter(), used(), done
        end, ended_cpu = time.perf_counter(), used()
        await _until(lambda: ended_at)
        assert all(each is not None and each.at_end for each in lists)
        said = sum(len(pane.transcript.rows[-1].text) for pane in self.panes)
        frames = sorted(self._watch.frames(start, end))
        pieces = max((said - begun) / 4, 1)
        late = (ended_cpu - half_cpu) / max((said - half_tokens) / 4, 1)
        return {
            "p50": statistics.median(frames),
            "p95": frames[int(len(frames) * 0.95)],
            "p99": frames[int(len(frames) * 0.99)],
            "longest": self._watch.longest(start, end),
            "answer": self._watch.slowest_answer(start, end),
            "load": (ended_cpu - cpu) / (end - start) * 100,
            "cpu_token": (ended_cpu - cpu) / pieces * 1000,
            "cpu_token_ratio": (ended_cpu - cpu) / pieces * 1000 / reference.work_ms,
            "cpu_early": early * 1000,
            "cpu_late": late * 1000,
            "seconds": end - start,
            "ended_at": ended_at[-1],
        }

    async def open(self, messages: int) -> dict[str, float]:
        """Open a conversation of so many messages, scroll through it, change the window's size."""
        made = [stored(messages) for _ in self.panes]
        await warm()
        gc.collect()
        gc.freeze()
        pane = self.panes[0]
        first = _timed(lambda: (pane.show_conversation(made[0]), self._painted()))
        pane.show_conversation(stored(4))
        self._painted()
        again = _timed(lambda: (pane.show_conversation(made[0]), self._painted()))
        for other, conversation in zip(self.panes[1:], made[1:], strict=True):
            other.show_conversation(conversation)
        self._painted()
        shown = pane.findChild(MessageList)
        assert shown is not None
        wheel = sorted(self._wheel(shown, up) for up in [True] * 150 + [False] * 100)
        resized = sorted(self._resize(step) for step in range(40))
        return {
            "first": first,
            "again": again,
            "wheel": statistics.median(wheel),
            "wheel95": wheel[int(len(wheel) * 0.95)],
            "resize": statistics.median(resized),
            "rss": _resident_mb(),
        }

    def _painted(self) -> None:
        QApplication.processEvents()
        QApplication.processEvents()

    def _wheel(self, shown: MessageList, up: bool) -> float:
        at = QPointF(100, 100)
        event = QWheelEvent(
            at,
            shown.viewport().mapToGlobal(at),
            QPoint(),
            QPoint(0, 120 if up else -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        return _timed(lambda: (QApplication.sendEvent(shown.viewport(), event), QApplication.processEvents()))

    def _resize(self, step: int) -> float:
        pane = self.panes[0].transcript
        width = pane.width() - (8 if step % 2 else -8)
        return _timed(lambda: (pane.resize(width, pane.height()), QApplication.processEvents()))


def services(folder: str, url: str) -> Services:
    """The program's own services, with the loopback server as a connection."""
    made = program.assemble(argparse.Namespace(data_dir=Path(folder)))
    lab = Connection(name="lab", kind=Kind.OPENAI_V1, url=url, auth=Auth.NONE)
    made.use(made.settings.with_connection(lab))
    return made


def stored(count: int) -> Conversation:
    """A conversation of so many messages with Markdown in its answers."""
    conversation = new_conversation(ModelRef(connection="lab", name="plain"))
    texts = [answer(length) for length in (60, 120, 250, 90)]
    messages: list[Message] = []
    for number in range(count):
        role = Role.USER if number % 2 == 0 else Role.ASSISTANT
        text = f"Question {number}: how is it done?" if number % 2 == 0 else texts[number // 2 % 4]
        messages.append(
            Message(
                id=new_id(),
                parent=messages[-1].id if messages else None,
                role=role,
                parts=(TextPart(text=text),),
                status=Status.COMPLETE,
                created_at=now(),
                model=conversation.model if number % 2 else None,
            )
        )
    return msgspec.structs.replace(conversation, messages=tuple(messages), current=messages[-1].id)


def _has_begun(pane: Pane) -> bool:
    rows = pane.transcript.rows
    return len(rows) > 1 and bool(rows[-1].text)


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


def _timed(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1000


def _resident_mb() -> float:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return int(fields["Rss"].split()[0]) / 1024


async def measured(arguments: Sequence[str]) -> dict[str, float]:
    """What the command line asks for."""
    folder, url, what, *rest = arguments
    bench = Bench(folder, url, int(rest[2]) if what == "stream" else int(rest[1]))
    try:
        if what == "stream":
            return await bench.stream(rest[0], int(rest[1]), int(rest[3]))
        return await bench.open(int(rest[0]))
    finally:
        await bench.close()


def main() -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    with cast("AbstractContextManager[asyncio.AbstractEventLoop]", Loop(app)) as loop:
        print(json.dumps(loop.run_until_complete(measured(sys.argv[1:]))))


if __name__ == "__main__":
    main()
