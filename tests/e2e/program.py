"""The program as a process, with a home and a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fork_server import fork_server, forkable

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 50


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:  # noqa: ANN401 - as json.loads
        """Standard output as one JSON value."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """Runs `main.py` with everything it writes below `folder`, or without `portable` in the places of a home there."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    portable: bool = True
    umask: int = -1

    def __call__(self, *words: str, given: str = "", environ: Mapping[str, str] | None = None) -> Ended:
        """Run to the end."""
        command, surroundings = self.command(words), self.surroundings(environ or {})
        if command[0] == sys.executable and forkable(surroundings):
            run = fork_server("main").start(command[2:], surroundings, self.folder, umask=self.umask)
            out, err = run.communicate(given, TIMEOUT_S)
            return Ended(run.wait(), out, err)
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            env=surroundings,
            cwd=self.folder,
            umask=self.umask,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start and return the process; whoever starts it ends it."""
        return subprocess.Popen(
            self.command(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self.surroundings(environ or {}),
            cwd=self.folder,
            umask=self.umask,
        )

    def command(self, words: Sequence[str]) -> list[str]:
        """The command line."""
        place = ["--data-dir", str(self.folder / "data")] if self.portable else []
        return [sys.executable, str(ROOT / "main.py"), *words, *place]

    def surroundings(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of a run: this test's, with what is given over it."""
        home = {} if self.portable else {"HOME": str(self.folder)}
        return {**os.environ, **home, **self.environ, **environ}

    def add(self, name: str, url: str, *words: str, kind: str = "openai-v1") -> None:
        """Add a connection that reads its key from the variable TEST_KEY."""
        ended = self("connections", "add", name, "--kind", kind, "--url", url, "--key-env", "TEST_KEY", *words)
        assert ended.status == 0, ended.err

    def files(self) -> dict[Path, bytes]:
        """Everything that was written, by path."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
