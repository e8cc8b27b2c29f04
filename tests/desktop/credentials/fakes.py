"""Keyrings for tests: one in memory with Windows' limit, and ones that are locked, missing or silent."""

from __future__ import annotations

import threading

from desktop.errors import KeyringLocked, KeyringMissing
from desktop.text.phrases import english


class MemoryKeyring:
    """A keyring in memory. `limit` is characters a secret; `fail_after` breaks off after so many changes."""

    name = "memory"

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.items: dict[tuple[str, str], str] = {}
        self.fail_after: int | None = None
        self._lock = threading.Lock()

    def read(self, service: str, account: str) -> str | None:
        return self.items.get((service, account))

    def write(self, service: str, account: str, secret: str) -> None:
        self._change()
        if self.limit is not None and len(secret.encode("utf-16-le")) > 2560:
            raise OSError("The stub received bad data")
        self.items[service, account] = secret

    def erase(self, service: str, account: str) -> None:
        self._change()
        self.items.pop((service, account), None)

    def _change(self) -> None:
        with self._lock:
            if self.fail_after is not None:
                if self.fail_after == 0:
                    raise KeyringLocked(english("The keyring (memory) is locked."))
                self.fail_after -= 1


class LockedKeyring(MemoryKeyring):
    """Every call finds it locked."""

    def read(self, service: str, account: str) -> str | None:
        raise KeyringLocked(english("The keyring (memory) is locked."))

    def write(self, service: str, account: str, secret: str) -> None:
        raise KeyringLocked(english("The keyring (memory) is locked."))


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything, and keeps nothing of it."""

    def write(self, service: str, account: str, secret: str) -> None:
        pass


class SilentKeyring(MemoryKeyring):
    """Every call hangs until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def read(self, service: str, account: str) -> str | None:
        self.release.wait(30)
        return None


def none_found() -> MemoryKeyring:
    raise KeyringMissing(english("This computer has no keyring that stores keys securely."))
