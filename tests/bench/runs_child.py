"""A run of a suite against a server of this machine: how long it takes, and how much memory the program grows by.

python -m tests.bench.runs_child FOLDER URL CASES CONCURRENCY

One line of JSON: `seconds` of the run, and `growth_mb` from a short one before it to its end.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from desktop.domain.suite_cells import RunState
from desktop.evals.execution.suite_runner import SuiteRunner
from desktop.evals.suites.suite import GraderSpec, SuiteLimits
from desktop.store.store import Store
from tests.desktop.evals.run_desk import RunDesk, suite

GRADERS = (GraderSpec(type="contains", value="sky"), GraderSpec(type="length", options={"max": 5_000}))


def _memory_mb() -> float:
    """What the process takes at the moment."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


async def _measured(folder: Path, url: str, cases: int, at_once: int) -> dict[str, float]:
    async with await Store.open(folder) as store:
        desk = RunDesk.over(store, lab=url)
        taken = before = 0.0
        for number in (50, cases):
            words = [f"{word}" for word in range(number)]
            run = await desk.plan(
                suite("lab/plain", words=words, graders=GRADERS, limits=SuiteLimits(concurrency=at_once))
            )
            before, begun = _memory_mb(), time.perf_counter()
            end = await SuiteRunner(desk.tools).run(run.id)
            taken = time.perf_counter() - begun
            found = await store.suite_runs.progress(run.id)
            assert (end.state, found.asked, found.errors) == (RunState.COMPLETE, number, 0)
        growth = _memory_mb() - before
        await desk.aclose()
    return {"seconds": taken, "growth_mb": growth}


if __name__ == "__main__":
    words = sys.argv[1:]
    measured = asyncio.run(_measured(Path(words[0]), words[1], int(words[2]), int(words[3])))
    sys.stdout.write(json.dumps(measured) + "\n")
