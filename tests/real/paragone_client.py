"""Paragone's own command line against a server, with the time at which each line of it came."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.program import Program

_LONGEST_S = 180
KEY = "PARAGONE_REAL_KEY"


@dataclass
class Asked:
    """What `ask --json` printed: its lines, and when each came."""

    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    times: list[float] = field(default_factory=list[float])
    errors: str = ""
    ended_at: float = 0.0

    def of(self, event: str, index: int = 0) -> list[dict[str, Any]]:
        """The events of one kind of one model."""
        return [line for line in self.lines if line["event"] == event and line["index"] == index]

    def at(self, event: str, index: int = 0) -> list[float]:
        """When they came."""
        return [
            when
            for line, when in zip(self.lines, self.times, strict=True)
            if line["event"] == event and line["index"] == index
        ]

    def text(self, index: int = 0) -> str:
        """The answer."""
        return "".join(line["delta"] for line in self.of("text", index))

    def end(self, index: int = 0) -> dict[str, Any]:
        """The one line that ends an answer; an empty one where there is none, or more."""
        ends = self.of("finish", index) + self.of("error", index)
        return ends[0] if len(ends) == 1 else {"event": f"{len(ends)} ends", "code": ""}

    @property
    def in_short(self) -> str:
        """How it ended, for a finding."""
        end = self.end()
        return f"{end['event']} {end.get('code', end.get('reason'))} {end.get('message', '')}"[:200]


class CommandFailedError(Exception):
    """A command that failed where it should not."""


class ParagoneClient:
    """The program with a data folder of its own; each connection's key is in a variable."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._program = Program(folder, {KEY: "no-key-yet"})
        self.key = ""

    def add(self, name: str, url: str, *, key: bool, kind: str = "openai-v1", wire: str = "auto") -> None:
        """Add a connection, with the key of the variable or with none."""
        auth = ("--key-env", KEY) if key else ("--auth", "none")
        ended = self._program("connections", "add", name, "--kind", kind, "--url", url, "--wire", wire, *auth)
        if ended.status:
            raise CommandFailedError(ended.err)

    def run(self, *words: str, key: str = "") -> Any:  # noqa: ANN401 - as json.loads
        """A command that prints JSON, run to its end."""
        ended = self._program(*words, "--json", environ={KEY: key or self.key or "none"})
        return json.loads(ended.out)

    def ask(
        self, *words: str, key: str = "", during: Callable[[Asked, subprocess.Popen[str]], None] | None = None
    ) -> Asked:
        """`ask --json`; `during` is called after each line, and may do something to the server or the program."""
        process = self._program.start("ask", "--json", *words, environ={KEY: key or self.key or "none"})
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.close()
        last = threading.Timer(_LONGEST_S, process.kill)
        last.start()
        asked = Asked()
        for line in process.stdout:
            asked.lines.append(json.loads(line))
            asked.times.append(time.monotonic())
            if during is not None:
                during(asked, process)
        asked.errors = process.stderr.read()
        process.wait()
        asked.ended_at = time.monotonic()
        last.cancel()
        return asked


def after_words(count: int, act: Callable[[], None]) -> Callable[[Asked, subprocess.Popen[str]], None]:
    """Do something once, as soon as so many pieces of text came."""
    done = False

    def during(asked: Asked, _process: subprocess.Popen[str]) -> None:
        nonlocal done
        if not done and len(asked.of("text")) >= count:
            done = True
            act()

    return during


def stop_after(count: int) -> Callable[[Asked, subprocess.Popen[str]], None]:
    """Ctrl+C as soon as so many pieces of text came."""
    done = False

    def during(asked: Asked, process: subprocess.Popen[str]) -> None:
        nonlocal done
        if not done and len(asked.of("text")) >= count:
            done = True
            process.send_signal(signal.SIGINT)

    return during
