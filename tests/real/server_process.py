"""A server as a process: started on loopback, asked until it answers, ended by its process group."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.real.outcome_table import NotTriedError

_PAUSE_S = 0.2
_ENDS_S = 15
_WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerProcess:
    """One server in a session of its own, with its output in a file; a context that ends it."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        log: Path,
        ready: Callable[[], bool],
        within_s: float = 60,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._words = words
        self._log = log
        self._ready = ready
        self._within_s = within_s
        self._environ = environ or {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Start it and wait until it answers. Raises NotTriedError."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environ},
                cwd=self._log.parent,
                start_new_session=True,
            )
        until = time.monotonic() + self._within_s
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > until:
                how = "ended at its start" if self._process.poll() is not None else "does not answer"
                self.end()
                raise NotTriedError(f"it {how}: {self._last_line()}")
            time.sleep(_PAUSE_S)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """End it: asked first, killed where it does not go. Also what it started."""
        process = self._process
        if process is None:
            return
        self._send(signal.SIGCONT)
        self._send(sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS_S)
        self._send(signal.SIGKILL)
        process.wait()
        self._process = None

    def pause(self) -> None:
        """It hears nothing until `resume`: connections are taken by the system, and no answer comes."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._send(signal.SIGCONT)

    def _send(self, sign: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)

    def _last_line(self) -> str:
        lines = [line for line in self._log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip()[:160].replace("|", "/") if lines else "it says nothing"


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def answers(url: str, key: str = "") -> Callable[[], bool]:
    """Whether an address answers with a status below 500."""

    def asked() -> bool:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
        try:
            with _WITHOUT_PROXY.open(request, timeout=5):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except (OSError, ValueError):
            return False

    return asked


def says_ready(log: Path) -> Callable[[], bool]:
    """Whether a server has written a line that says no more than that it is ready."""
    return lambda: log.exists() and b"\nready\n" in b"\n" + log.read_bytes()
