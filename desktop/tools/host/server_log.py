"""Log of one server's stderr: a file of at most 1 MB and one old file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections import deque
from collections.abc import Collection
from pathlib import Path

from desktop.redaction.redactor import hide, hide_head
from desktop.tools.host.host_wire import MOST_QUOTE

MOST_LOG = 1 << 20
_LINES = 40
_LONGEST_LINE = 4 << 10
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CONTROLS = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_FRAME = re.compile(r'^(Traceback|  File "|    |\s*at |\s*\^|node:|\s*\.\.\. )')
_TELLS = re.compile(
    r"error|fail|cannot|can't|could not|not found|missing|invalid|denied|refused|no such|unknown", re.IGNORECASE
)


def log_file(folder: Path, server: str) -> Path:
    """Return the log file of a server. Names that are no file names get a unique one."""
    if _PLAIN.fullmatch(server):
        return folder / f"{server}.log"
    digest = hashlib.sha256(server.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', server)[:40]}-{digest}.log"


class ServerLog:
    """Writes lines without secrets, and remembers the last ones to explain a failure.

    Errors of the file system are ignored: a full disk must not end a server.
    """

    def __init__(self, path: Path, secrets: Collection[str] = ()) -> None:
        self._path = path
        self._secrets = tuple(secrets)
        self._tail: deque[str] = deque(maxlen=_LINES)
        self._size = -1

    def write(self, *lines: str) -> None:
        """Append lines, shortened and redacted."""
        texts = [hide_head(line.rstrip("\r\n"), self._secrets, _LONGEST_LINE) for line in lines]
        self._tail.extend(text for text in texts if text.strip())
        with contextlib.suppress(OSError):
            self._append("".join(f"{text}\n" for text in texts).encode("utf-8", "replace"))

    @property
    def reason(self) -> str:
        """The most informative of the last lines, without control characters; empty if there is none.

        This is the last line that tells of an error and is no frame of a traceback, otherwise the first one.
        """
        lines = [_CONTROLS.sub("", line).strip() for line in self._tail if not _FRAME.match(line)]
        lines = [line for line in lines if line]
        telling = [line for line in lines if _TELLS.search(line)]
        return (telling[-1] if telling else lines[0] if lines else "")[:MOST_QUOTE]

    def _append(self, data: bytes) -> None:
        if self._size < 0:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._size = self._path.stat().st_size if self._path.exists() else 0
        if self._size + len(data) > MOST_LOG:
            self._path.replace(self._path.with_suffix(".log.1"))
            self._size = 0
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._size += os.write(descriptor, data)
        finally:
            os.close(descriptor)


def quoted(text: str, secrets: Collection[str] = ()) -> str:
    """Return a server's own words for an error: one line without secrets and control characters, bounded."""
    line = " ".join(_CONTROLS.sub("", text[: 8 * MOST_QUOTE]).split())
    return hide(line, secrets)[:MOST_QUOTE]
