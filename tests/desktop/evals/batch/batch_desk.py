"""Somebody who runs suites through a Batch API."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.domain.suite_cells import CellRecord, RunRecord
from desktop.evals.batch.batch_plan import BOUNDS, FileBounds
from desktop.evals.batch.batch_runner import BatchRunner
from desktop.evals.batch.suite_batch import SuiteBatches
from desktop.evals.execution.run_plan import new_run
from desktop.evals.execution.run_work import RunEnd
from desktop.evals.suites.suite import Suite
from desktop.guards.gate import Gate
from desktop.settings.values import Settings
from desktop.store.store import Store
from tests.desktop.evals.run_desk import RunDesk
from tests.servers.batch_server import BatchServer


@dataclass
class BatchDesk:
    """`lab` is a connection of Azure's kind, `open` one of OpenAI's."""

    store: Store
    desk: RunDesk
    told: list[str] = field(default_factory=list[str])

    @classmethod
    def at(cls, store: Store, server: BatchServer, gate: Gate | None = None) -> BatchDesk:
        desk = RunDesk.over(store, gate=gate, open=server.url)
        lab = Connection(name="lab", kind=Kind.AZURE_INFERENCE, url=server.azure, auth=Auth.NONE)
        claude = Connection(name="claude", kind=Kind.ANTHROPIC, url=server.origin, auth=Auth.NONE)
        desk.settings.use(Settings(connections=(*desk.settings().connections, lab, claude)))
        return cls(store, desk)

    def runner(self, bounds: FileBounds = BOUNDS, poll_s: float = 0.001) -> BatchRunner:
        return BatchRunner(
            self.desk.tools,
            SuiteBatches(self.desk.tools),
            listener=self.desk.kept.append,
            notice=lambda said: self.told.append(str(said)),
            poll_s=poll_s,
            bounds=bounds,
        )

    async def plan(self, asked: Suite) -> RunRecord:
        run = new_run(asked, is_batch=True)
        await self.store.suite_runs.create(run)
        return run

    async def run(self, asked: Suite, bounds: FileBounds = BOUNDS) -> tuple[RunRecord, RunEnd]:
        run = await self.plan(asked)
        return run, await self.runner(bounds).run(run.id)

    async def records(self, run: RunRecord) -> list[CellRecord]:
        return await self.store.suite_runs.records(run.id)
