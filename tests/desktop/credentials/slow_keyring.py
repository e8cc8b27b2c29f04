"""A program that keeps one header in a keyring that is a file, and that takes its time between reading and writing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Connection, Kind

CONNECTION = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example")
PAUSE_S = 0.5


class SlowKeyring:
    """Its items lie in one file. Whoever reads one has others come between before anything is written."""

    name = "slow"
    limit: int | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, service: str, account: str) -> str | None:
        del service
        found = self._items().get(account)
        (self._folder / f"read-{time.monotonic_ns()}").touch()
        end = time.monotonic() + PAUSE_S
        while time.monotonic() < end and len([*self._folder.glob("read-*")]) < 2:
            time.sleep(0.01)
        return found

    def write(self, service: str, account: str, secret: str) -> None:
        del service
        (self._folder / "items").write_text(json.dumps({**self._items(), account: secret}))

    def erase(self, service: str, account: str) -> None:
        del service
        items = self._items()
        items.pop(account, None)
        (self._folder / "items").write_text(json.dumps(items))

    def _items(self) -> dict[str, str]:
        place = self._folder / "items"
        return json.loads(place.read_text()) if place.exists() else {}


async def main(folder: Path, header: str, value: str) -> None:
    """Keep the header, as a run that knows of no other one does."""
    keys = Keys(service="s", environ={}, find=lambda: SlowKeyring(folder), lock_file=folder / "keyring.lock")
    place = await keys.keep_headers(CONNECTION, {header: value})
    assert place.keyring == "slow", place


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
