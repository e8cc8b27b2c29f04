"""An import in its own process, to be killed: python -m tests.desktop.transfer.child FOLDER FILE."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from desktop.store.store import Store
from desktop.transfer.importer import Importer


async def bring(folder: Path, file: Path) -> None:
    """Import and print the progress."""
    async with await Store.open(folder) as store:
        importing = Importer(store, [file])
        report = await importing.run(lambda done, _of: print(done, flush=True))
        importing.close()
        print(f"added {len(report.added)}", flush=True)


def main(words: list[str]) -> None:
    folder, file = map(Path, words)
    asyncio.run(bring(folder, file))


if __name__ == "__main__":
    main(sys.argv[1:])
