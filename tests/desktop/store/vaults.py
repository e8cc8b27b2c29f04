"""Keyrings for the tests of encryption: in memory, in a file that outlives its process, and ones that fail."""

from __future__ import annotations

import json
from pathlib import Path

from desktop.errors import KeyringLocked
from desktop.text.phrases import english


class MemoryVault:
    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.held: set[str] = set()

    async def read(self, key_id: str) -> str | None:
        return self.items.get(key_id)

    async def write(self, key_id: str, text: str) -> None:
        self.items[key_id] = text

    async def hold(self, key_id: str, text: str) -> bool:
        self.items[key_id] = text
        return True

    async def erase(self, key_id: str) -> None:
        self.items.pop(key_id, None)


class LockedVault(MemoryVault):
    async def read(self, key_id: str) -> str | None:
        raise KeyringLocked(english("The keyring (memory) is locked."))

    async def write(self, key_id: str, text: str) -> None:
        raise KeyringLocked(english("The keyring (memory) is locked."))


class FileVault(MemoryVault):
    """Stands for the system's keyring, which does not die with the program; every change is on the disk at once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            self.items = json.loads(path.read_text())

    async def write(self, key_id: str, text: str) -> None:
        await super().write(key_id, text)
        self._save()

    async def erase(self, key_id: str) -> None:
        await super().erase(key_id)
        self._save()

    def _save(self) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(self.items))
        draft.replace(self._path)
