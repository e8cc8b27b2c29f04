"""Runs of suites as the rest of the program keeps and finds them."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import (
    AskedCells,
    CellFilter,
    CellHead,
    CellKey,
    CellRecord,
    CellStatus,
    RunProgress,
    RunRecord,
    RunState,
)
from desktop.errors import RunBusy, StoreError, UsageError
from desktop.receipts.receipt import Receipt
from desktop.redaction.redactor import Mask
from desktop.store.conversations import masked_figures
from desktop.store.opening.store_opener import StoreOpener
from desktop.store.records import index_text, row_mapping, run_cell_rows, suite_run_rows
from desktop.store.records.suite_run_rows import KeptRun
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase

_RECEIPT = msgspec.json.Decoder(Receipt)


class SuiteRuns:
    """The runs of suites of one database. Every method raises StoreError's tree.

    A run is named by its id, or by the beginning of it where that is the only one: else RunUnknown or RunAmbiguous is
    raised. One whose program ended while it worked on it reads as stopped.
    """

    def __init__(self, database: Database, opening: StoreOpener, clock: Callable[[], datetime], mask: Mask) -> None:
        self._database = database
        self._opening = opening
        self._clock = clock
        self._mask = mask
        self._taken: set[str] = set()

    async def create(self, run: RunRecord) -> None:
        """Keep a run of which nothing was asked yet: on the disk on return."""
        await self._database.write(lambda sql: suite_run_rows.create(sql, run))

    async def get(self, run_id: str) -> RunRecord:
        """A run with its suite."""
        kept = await self._database.read(lambda sql: suite_run_rows.get(sql, run_id))
        return _as_it_is(kept, await self._living([kept]))

    async def summary(self, run_id: str) -> RunRecord:
        """A run without its suite, a damaged one too."""
        kept = await self._database.read(lambda sql: suite_run_rows.head(sql, run_id))
        return _as_it_is(kept, await self._living([kept]))

    async def list(self) -> builtins.list[RunRecord]:
        """All of them, newest first, without their suites: `suite` is empty. A damaged one has no cells."""
        kept = await self._database.read(suite_run_rows.listed)
        living = await self._living(kept)
        return [_as_it_is(each, living) for each in kept]

    async def progress(self, run_id: str) -> RunProgress:
        """How far a run is: one row is read."""

        def job(sql: Sql) -> tuple[KeptRun, RunProgress]:
            """On the reader's thread."""
            kept = suite_run_rows.head(sql, run_id)
            return kept, suite_run_rows.progress(sql, kept.seq, kept.record.state)

        kept, found = await self._database.read(job)
        state = _as_it_is(kept, await self._living([kept])).state
        return msgspec.structs.replace(found, state=state)

    async def heads(self, run_id: str, cases: Sequence[int] | None = None) -> builtins.list[CellHead]:
        """The cells that were asked, of some cases alone where these are named, by case, contender and repeat."""
        return await self._database.read(lambda sql: run_cell_rows.heads(sql, suite_run_rows.find(sql, run_id), cases))

    async def records(self, run_id: str, cases: Sequence[int] | None = None) -> builtins.list[CellRecord]:
        """The same whole, with their texts: of some cases at a time, each may be megabytes."""
        return await self._database.read(
            lambda sql: [*run_cell_rows.records(sql, suite_run_rows.find(sql, run_id), cases)]
        )

    async def cell(self, run_id: str, key: CellKey) -> CellRecord:
        """A cell whole. Raises RunUnknown where it was not asked."""
        return (await self.graded(run_id, key)).judged

    async def graded(self, run_id: str, key: CellKey) -> CellRecord:
        """The same with the graders' own status, whatever a person said. Raises RunUnknown where it was not asked."""
        return await self._database.read(lambda sql: run_cell_rows.record(sql, suite_run_rows.find(sql, run_id), key))

    async def receipt(self, run_id: str, key: CellKey) -> Receipt | None:
        """What is known of the request of a cell's last turn, without its body; None where no server was reached."""
        held = await self._database.read(lambda sql: run_cell_rows.receipt(sql, suite_run_rows.find(sql, run_id), key))
        try:
            return None if held is None else _RECEIPT.decode(held)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    async def cases(
        self, run_id: str, wanted: CellFilter = CellFilter.ALL, tag_cases: Collection[int] | None = None
    ) -> builtins.list[int]:
        """The numbers of the cases that a filter lets through, of those of a tag alone where these are given."""
        return await self._database.read(
            lambda sql: run_cell_rows.cases(sql, suite_run_rows.find(sql, run_id), wanted, tag_cases)
        )

    async def asked(self, run_id: str) -> AskedCells:
        """Which cells were answered, and which came to nothing."""
        return await self._database.read(lambda sql: run_cell_rows.asked(sql, suite_run_rows.find(sql, run_id)))

    async def keep(
        self, run_id: str, record: CellRecord, spent: float = 0.0, receipt: Receipt | None = None
    ) -> CellRecord:
        """Keep a cell as its graders judged it, in the place of what was there: on the disk on return; as it is kept.

        `spent` are the US dollars that this cost, judges too; they are added to what the run and the cell cost before.
        The receipt is kept without its body, which the suite tells.
        """
        told = None if receipt is None else row_mapping.to_json(msgspec.structs.replace(receipt, body="", files=()))

        masked = self._masked(record)  # a server may have given keys back

        def job(sql: Sql) -> None:
            """On the writer's thread, in one transaction."""
            seq = suite_run_rows.find(sql, run_id)
            run_cell_rows.keep(sql, seq, masked, spent=spent, at_ms=self._now(), receipt=told)

        await self._database.write(job)
        return masked

    async def spend(self, run_id: str, usd: float) -> None:
        """Count what calls cost whose cells are not kept: they were broken off, and are asked again."""
        statement = "UPDATE suite_runs SET spent = spent + ? WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(statement, (usd, suite_run_rows.find(sql, run_id))))

    async def forget_errors(self, run_id: str) -> int:
        """Have the cells that came to nothing be asked again; how many. Raises RunBusy while another works on it."""
        await self._idle(run_id, besides_own=True)
        return await self._database.write(
            lambda sql: run_cell_rows.forget_errors(sql, suite_run_rows.find(sql, run_id))
        )

    async def take(self, run_id: str) -> RunRecord:
        """Work on a run from now on, and nobody else; the run. Raises RunBusy where somebody does already."""
        kept = await self._idle(run_id)
        id_ = kept.record.id
        self._taken.add(id_)

        def job(sql: Sql) -> RunRecord:
            """In one transaction: another program may have taken it since."""
            now = suite_run_rows.get(sql, id_)
            if now.owner != kept.owner and now.owner is not None:
                raise _busy()
            suite_run_rows.set_state(sql, now.seq, RunState.RUNNING, self._opening.run_id, self._now())
            return msgspec.structs.replace(now.record, state=RunState.RUNNING)

        try:
            return await self._database.write(job)
        except BaseException:
            self._taken.discard(id_)
            raise

    async def release(self, run_id: str, state: RunState, reason: str = "") -> None:
        """Work on a run no more, which got so far, and why no further.

        What cannot be written, as on a full disk, reads as stopped.
        """
        why = "UPDATE suite_runs SET facts = json_set(facts, '$.reason', ?) WHERE seq = ? AND json_valid(facts)"

        def job(sql: Sql) -> None:
            """In one transaction."""
            kept = suite_run_rows.head(sql, run_id)
            self._taken.discard(kept.record.id)
            suite_run_rows.set_state(sql, kept.seq, state, None, self._now())
            sql.run(why, (index_text.clean(self._mask.hide(reason)), kept.seq))

        try:
            await self._database.write(job)
        finally:
            self._taken.discard(run_id)

    async def review(self, run_id: str, key: CellKey, passed: bool | None, note: str = "") -> CellRecord:  # noqa: FBT001 - three values
        """Keep a person's verdict on an answer, None to take it back; the cell as it is now.

        Raises RunUnknown where it was not asked, UsageError where there is no answer.
        """

        def job(sql: Sql) -> CellRecord:
            """In one transaction."""
            seq = suite_run_rows.find(sql, run_id)
            held = run_cell_rows.record(sql, seq, key)
            if held.status is CellStatus.ERROR:
                raise UsageError(phrase("No response arrived here: there is nothing to review."))
            reviewed = msgspec.structs.replace(held, reviewed=passed, note=note)
            run_cell_rows.keep(sql, seq, reviewed, spent=0.0, at_ms=self._now())
            return reviewed.judged

        return await self._database.write(job)

    async def set_cap(self, run_id: str, cap: float | None) -> None:
        """Let a run cost so many US dollars in all, None for any. Raises RunBusy while another program works on it."""
        await self._idle(run_id, besides_own=True)
        await self._database.write(
            lambda sql: sql.run("UPDATE suite_runs SET cap = ? WHERE seq = ?", (cap, suite_run_rows.find(sql, run_id)))
        )

    async def allow_unknown_prices(self, run_id: str) -> None:
        """Let a run with a cap ask models too whose prices nobody knows."""
        allowed = "UPDATE suite_runs SET facts = json_set(facts, '$.unknown_prices', json('true')) WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(allowed, (suite_run_rows.find(sql, run_id),)))

    async def set_suite(self, run_id: str, suite: dict[str, JsonValue], digest: str) -> None:
        """Keep a suite with other graders in the place of a run's own, with its SHA-256."""
        told = row_mapping.to_json(suite)

        def job(sql: Sql) -> None:
            """In one transaction."""
            seq = suite_run_rows.find(sql, run_id)
            sql.run_great("UPDATE run_suites SET suite = ? WHERE seq = ?", (told, seq))
            sql.run("UPDATE suite_runs SET facts = json_set(facts, '$.digest', ?) WHERE seq = ?", (digest, seq))

        await self._database.write(job)

    async def delete(self, run_id: str) -> str:
        """Delete a run without a trace; its id. Raises RunBusy while somebody works on it."""
        kept = await self._idle(run_id)
        statement = "DELETE FROM suite_runs WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(statement, (kept.seq,)), scrub=True)
        return kept.record.id

    async def _idle(self, run_id: str, *, besides_own: bool = False) -> KeptRun:
        """A run, of which the suite is not read, that nobody works on. Raises RunBusy."""
        kept = await self._database.read(lambda sql: suite_run_rows.head(sql, run_id))
        own = kept.record.id in self._taken
        if not (own and besides_own) and _as_it_is(kept, await self._living([kept])).state is RunState.RUNNING:
            raise _busy()
        return kept

    async def _living(self, kept: Sequence[KeptRun]) -> Collection[str]:
        """The ids of those of some runs that somebody works on."""
        working = [each for each in kept if each.record.state is RunState.RUNNING and each.record.id not in self._taken]
        living: Collection[str] = ()
        if any(each.owner != self._opening.run_id for each in working):
            with suppress(StoreError):  # where no lock can be had nobody can write either
                living = (await self._database.beside(self._opening.living_since)).keys()
        others = (each for each in working if each.owner in living and each.owner != self._opening.run_id)
        return {*self._taken, *(each.record.id for each in others)}

    def _masked(self, record: CellRecord) -> CellRecord:
        """A cell without keys in what servers said of it."""
        hide, problem, figures = self._mask.hide, record.problem, record.figures
        if problem is not None:
            problem = msgspec.structs.replace(problem, message=hide(problem.message), hint=hide(problem.hint))
        if figures is not None:
            figures = masked_figures(figures, hide)
        grades = tuple(msgspec.structs.replace(each, reason=hide(each.reason)) for each in record.grades)
        return msgspec.structs.replace(record, problem=problem, figures=figures, grades=grades)

    def _now(self) -> int:
        return row_mapping.to_ms(self._clock())


def _as_it_is(kept: KeptRun, working: Collection[str]) -> RunRecord:
    """A run whose state says whether somebody works on it."""
    record = kept.record
    if record.id in working:
        return msgspec.structs.replace(record, state=RunState.RUNNING)
    if record.state is not RunState.RUNNING:
        return record
    return msgspec.structs.replace(record, state=RunState.STOPPED)


def _busy() -> RunBusy:
    return RunBusy(phrase("This run is already running."))
