"""Local record of what was sent: JSON lines in a private, rotated file that never leaves the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from desktop.errors import AuditFailed
from desktop.system.private_files import private_lock
from desktop.text.phrases import phrase

MOST_BYTES, OLD_FILES = 5 << 20, 5
_LOCK_TIMEOUT_S = 10.0


class Audit:
    """Audit log: appends to `audit.jsonl` in a folder. Several programs may write at the same time."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.file = folder / "audit.jsonl"
        self._most_bytes = most_bytes

    def write(self, entry: Mapping[str, object]) -> None:
        """Append one line. Blocks on disk access, so call it on a thread. Raises AuditFailed."""
        import json

        from filelock import Timeout

        line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            with private_lock(self.file.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                self._rotate(len(line))
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
                flags |= getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody reads would keep this thread
                descriptor = os.open(self.file, flags, 0o600)
                with os.fdopen(descriptor, "ab") as file:
                    if os.name == "posix":
                        os.fchmod(descriptor, 0o600)
                    file.write(line)
        except (OSError, Timeout) as error:
            reason = error.strerror or str(error)
            raise AuditFailed(
                phrase(
                    "Nothing was sent, because the audit log {file} could not be written: {reason}.",
                    file=self.file,
                    reason=reason,
                )
            ) from error

    def _rotate(self, more: int) -> None:
        if not self.file.exists() or self.file.stat().st_size + more <= self._most_bytes:
            return
        for number in range(OLD_FILES, 0, -1):
            before = self._old(number - 1) if number > 1 else self.file
            if before.exists():
                before.replace(self._old(number))

    def _old(self, number: int) -> Path:
        return self.file.with_name(f"{self.file.name}.{number}")
