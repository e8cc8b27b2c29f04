"""Peak memory of an import in its own process.

python -m tests.desktop.transfer.weighing FILE [look]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from desktop.store.store import Store
from desktop.transfer.importer import Importer


def peak() -> int:
    """Return the peak memory of this process since it began to run this program, in bytes."""
    if sys.platform == "linux":  # rusage includes the process it was forked from
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10
    import psutil

    memory = psutil.Process().memory_info()
    return getattr(memory, "peak_wset", memory.rss)


async def main(file: Path, *, keep: bool) -> None:
    """Import a small file first, to load everything imported late, then preview and import the other one."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.json"
        small.write_text(json.dumps({"version": 4, "history": [{"messages": [{"role": "user", "content": "a"}]}]}))
        async with await Store.open(Path(folder) / "data") as store:
            for path in (small, file):
                before = peak()
                importing = Importer(store, [path])
                report = await importing.look()
                if keep:
                    report = await importing.run()
                importing.close()
    problems = sorted({str(each.problem) for each in report.files} - {""})
    reasons = sorted({str(reason) for each in report.items for reason in each.reasons})[:5]
    found = {"took": peak() - before, "added": len(report.added), "problems": problems, "reasons": reasons}
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), keep="look" not in sys.argv))
