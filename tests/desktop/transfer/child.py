"""An import in a process of its own, to be killed: python -m tests.desktop.transfer.child FOLDER FILE."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from desktop.store.store import Store
from desktop.transfer.importer import Importer


async def main(folder: Path, file: Path) -> None:
    """Import, telling how far it is."""
    async with await Store.open(folder) as store:
        importing = Importer(store, [file])
        report = await importing.run(lambda done, _of: print(done, flush=True))
        importing.close()
        print(f"added {len(report.added)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
