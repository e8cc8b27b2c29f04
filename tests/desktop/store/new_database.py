"""The file of a store that was just begun, made once and copied: making its tables takes longer than most tests."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from functools import cache
from pathlib import Path

from desktop.store.opening.store_opener import FILE
from desktop.store.store import Store


def put_database(folder: Path) -> Path:
    """Have a data folder hold such a file, as if the program had begun there once; the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_bytes(_made())
    return folder


@cache
def _made() -> bytes:
    async def begin(folder: Path) -> None:
        await (await Store.open(folder)).aclose()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        # On a thread of its own, since some loop may run on this one.
        making = threading.Thread(target=lambda: asyncio.run(begin(folder)))
        making.start()
        making.join()
        return (folder / FILE).read_bytes()
