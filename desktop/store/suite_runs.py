"""Stored suite runs."""

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
    RunKind,
    RunProgress,
    RunRecord,
    RunState,
)
from desktop.errors import RunBusy, RunUnknown, StoreError, UsageError
from desktop.receipts.receipt import Receipt
from desktop.redaction.redactor import Mask
from desktop.store.conversations import masked_figures
from desktop.store.opening.store_opener import StoreOpener
from desktop.store.records import index_text, row_mapping, run_cell_rows, suite_run_rows
from desktop.store.records.suite_run_rows import KeptRun
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import bounded, phrase

_RECEIPT = msgspec.json.Decoder(Receipt)


class SuiteRuns:
    """Runs of one kind in one database. All methods may raise StoreError.

    A run is given by its id or a unique prefix; otherwise RunUnknown or RunAmbiguous is raised.
    """

    def __init__(
        self,
        database: Database,
        opening: StoreOpener,
        clock: Callable[[], datetime],
        mask: Mask,
        kind: RunKind = RunKind.SUITE,
    ) -> None:
        self._database = database
        self._opening = opening
        self._clock = clock
        self._mask = mask
        self._kind = kind
        self._taken: set[str] = set()

    async def create(self, run: RunRecord) -> None:
        """Store a new run durably."""
        await self._database.write(lambda sql: suite_run_rows.create(sql, run))

    async def get(self, run_id: str) -> RunRecord:
        """Return a run with its suite."""
        kept = self._own(await self._database.read(lambda sql: suite_run_rows.get(sql, run_id)), run_id)
        return _as_it_is(kept, await self._living([kept]))

    async def summary(self, run_id: str) -> RunRecord:
        """Return a run without its suite, even if damaged."""
        kept = self._own(await self._database.read(lambda sql: suite_run_rows.head(sql, run_id)), run_id)
        return _as_it_is(kept, await self._living([kept]))

    async def list(self) -> builtins.list[RunRecord]:
        """Return all runs, newest first, without suites; damaged ones have no cells."""
        kept = [run for run in await self._database.read(suite_run_rows.listed) if run.record.kind is self._kind]
        living = await self._living(kept)
        return [_as_it_is(each, living) for each in kept]

    async def progress(self, run_id: str) -> RunProgress:
        """Return a run's progress, which takes reading only one row."""

        def job(sql: Sql) -> tuple[KeptRun, RunProgress]:
            kept = suite_run_rows.head(sql, run_id)
            return kept, suite_run_rows.progress(sql, kept.seq, kept.record.state)

        kept, found = await self._database.read(job)
        state = _as_it_is(kept, await self._living([kept])).state
        return msgspec.structs.replace(found, state=state)

    async def heads(self, run_id: str, cases: Sequence[int] | None = None) -> builtins.list[CellHead]:
        """Return the heads of executed cells in order, optionally only of some cases."""
        return await self._database.read(lambda sql: run_cell_rows.heads(sql, suite_run_rows.find(sql, run_id), cases))

    async def records(self, run_id: str, cases: Sequence[int] | None = None) -> builtins.list[CellRecord]:
        """Return complete cells. Request few cases at a time, because cells may be large."""
        return await self._database.read(
            lambda sql: [*run_cell_rows.records(sql, suite_run_rows.find(sql, run_id), cases)]
        )

    async def cell(self, run_id: str, key: CellKey) -> CellRecord:
        """Return a complete cell.

        Raises:
            RunUnknown: If it was not executed.
        """
        return (await self.graded(run_id, key)).judged

    async def graded(self, run_id: str, key: CellKey) -> CellRecord:
        """Return a cell with the status that the graders gave it, ignoring reviews.

        Raises:
            RunUnknown: If it was not executed.
        """
        return await self._database.read(lambda sql: run_cell_rows.record(sql, suite_run_rows.find(sql, run_id), key))

    async def receipt(self, run_id: str, key: CellKey) -> Receipt | None:
        """Return the receipt of a cell's last turn without its body, or None if no server was reached."""
        held = await self._database.read(lambda sql: run_cell_rows.receipt(sql, suite_run_rows.find(sql, run_id), key))
        try:
            return None if held is None else _RECEIPT.decode(held)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    async def cases(
        self, run_id: str, wanted: CellFilter = CellFilter.ALL, tag_cases: Collection[int] | None = None
    ) -> builtins.list[int]:
        """Return the numbers of the cases that match a filter and, if `tag_cases` is given, are in it."""
        return await self._database.read(
            lambda sql: run_cell_rows.cases(sql, suite_run_rows.find(sql, run_id), wanted, tag_cases)
        )

    async def asked(self, run_id: str) -> AskedCells:
        """Return which cells were executed: successful ones and failed ones."""
        return await self._database.read(lambda sql: run_cell_rows.asked(sql, suite_run_rows.find(sql, run_id)))

    async def keep(
        self, run_id: str, record: CellRecord, spent: float = 0.0, receipt: Receipt | None = None
    ) -> CellRecord:
        """Store a graded cell durably, and return it as stored."""
        receipt_json = (
            None if receipt is None else row_mapping.to_json(msgspec.structs.replace(receipt, body="", files=()))
        )

        masked = self._masked(record)  # a server may have given keys back

        def job(sql: Sql) -> None:
            seq = suite_run_rows.find(sql, run_id)
            run_cell_rows.keep(sql, seq, masked, spent=spent, at_ms=self._now(), receipt=receipt_json)

        await self._database.write(job)
        return masked

    async def spend(self, run_id: str, usd: float) -> None:
        """Add the cost of interrupted calls whose cells are not stored."""
        statement = "UPDATE suite_runs SET spent = spent + ? WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(statement, (usd, suite_run_rows.find(sql, run_id))))

    async def forget_errors(self, run_id: str) -> int:
        """Reset failed cells, so that they are executed again, and return their number.

        Raises:
            RunBusy: If another process executes the run.
        """
        await self._idle(run_id, besides_own=True)
        return await self._database.write(
            lambda sql: run_cell_rows.forget_errors(sql, suite_run_rows.find(sql, run_id))
        )

    async def take(self, run_id: str) -> RunRecord:
        """Reserve a run for this process, mark it as running, and return it.

        Raises:
            RunBusy: If it is already being executed.
        """
        current_run = await self._idle(run_id)
        id_ = current_run.record.id
        self._taken.add(id_)

        def job(sql: Sql) -> RunRecord:
            """Reserve the run in one transaction, because another process may have done so."""
            now = suite_run_rows.get(sql, id_)
            if now.owner != current_run.owner and now.owner is not None:
                raise _busy()
            suite_run_rows.set_state(sql, now.seq, RunState.RUNNING, self._opening.run_id, self._now())
            return msgspec.structs.replace(now.record, state=RunState.RUNNING)

        try:
            return await self._database.write(job)
        except BaseException:
            self._taken.discard(id_)
            raise

    async def release(self, run_id: str, state: RunState, reason: str = "") -> None:
        """Mark a run as no longer executed, with its new state and the reason.

        If that cannot be written, the run counts as stopped.
        """
        why = "UPDATE suite_runs SET facts = json_set(facts, '$.reason', ?) WHERE seq = ? AND json_valid(facts)"

        def job(sql: Sql) -> None:
            kept = suite_run_rows.head(sql, run_id)
            self._taken.discard(kept.record.id)
            suite_run_rows.set_state(sql, kept.seq, state, None, self._now())
            sql.run(why, (index_text.clean(self._mask.hide(reason)), kept.seq))

        try:
            await self._database.write(job)
        finally:
            self._taken.discard(run_id)

    async def review(self, run_id: str, key: CellKey, passed: bool | None, note: str = "") -> CellRecord:  # noqa: FBT001 - three values
        """Store a reviewer's verdict, or withdraw it if `passed` is None, and return the cell.

        Raises:
            RunUnknown: If the cell was not executed.
            UsageError: If it failed.
        """

        def job(sql: Sql) -> CellRecord:
            seq = suite_run_rows.find(sql, run_id)
            held = run_cell_rows.record(sql, seq, key)
            if held.status is CellStatus.ERROR:
                raise UsageError(phrase("There is no complete response to review."))
            reviewed = msgspec.structs.replace(held, reviewed=passed, note=note)
            run_cell_rows.keep(sql, seq, reviewed, spent=0.0, at_ms=self._now())
            return reviewed.judged

        return await self._database.write(job)

    async def set_cap(self, run_id: str, cap: float | None) -> None:
        """Set the cost cap in US dollars; None removes it.

        Raises:
            RunBusy: If another process executes the run.
        """
        await self._idle(run_id, besides_own=True)
        await self._database.write(
            lambda sql: sql.run("UPDATE suite_runs SET cap = ? WHERE seq = ?", (cap, suite_run_rows.find(sql, run_id)))
        )

    async def allow_unknown_prices(self, run_id: str) -> None:
        """Allow a run with a cap to use models with unknown prices."""
        allowed = "UPDATE suite_runs SET facts = json_set(facts, '$.unknown_prices', json('true')) WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(allowed, (suite_run_rows.find(sql, run_id),)))

    async def note_seen(self, run_id: str, reviews: int) -> None:
        """Store after how many reviews the verdict of a replay was shown; only the first time counts."""
        seen = (
            "UPDATE suite_runs SET facts = json_set(facts, '$.seen_reviews', ?)"
            " WHERE seq = ? AND json_extract(facts, '$.seen_reviews') IS NULL"
        )
        await self._database.write(lambda sql: sql.run(seen, (reviews, suite_run_rows.find(sql, run_id))))

    async def set_suite(self, run_id: str, suite: dict[str, JsonValue], digest: str) -> None:
        """Replace a run's suite with one that has other graders. `digest` is the SHA-256 of the new suite."""
        told = row_mapping.to_json(suite)

        def job(sql: Sql) -> None:
            seq = suite_run_rows.find(sql, run_id)
            sql.run_great("UPDATE run_suites SET suite = ? WHERE seq = ?", (told, seq))
            sql.run("UPDATE suite_runs SET facts = json_set(facts, '$.digest', ?) WHERE seq = ?", (digest, seq))

        await self._database.write(job)

    async def delete(self, run_id: str) -> str:
        """Delete a run permanently and return its id.

        Raises:
            RunBusy: If it is being executed.
        """
        kept = await self._idle(run_id)
        statement = "DELETE FROM suite_runs WHERE seq = ?"
        await self._database.write(lambda sql: sql.run(statement, (kept.seq,)), scrub=True)
        return kept.record.id

    async def _idle(self, run_id: str, *, besides_own: bool = False) -> KeptRun:
        """Return a run without its suite, after checking that it is not being executed.

        Raises:
            RunBusy: If it is being executed.
        """
        kept = self._own(await self._database.read(lambda sql: suite_run_rows.head(sql, run_id)), run_id)
        own = kept.record.id in self._taken
        if not (own and besides_own) and _as_it_is(kept, await self._living([kept])).state is RunState.RUNNING:
            raise _busy()
        return kept

    def _own(self, kept: KeptRun, run_id: str) -> KeptRun:
        """Return a run if it is of this kind.

        Raises:
            RunUnknown: If it is not.
        """
        if kept.record.kind is not self._kind:
            raise RunUnknown(phrase("There is no run “{id}”.", id=bounded(run_id)))
        return kept

    async def _living(self, kept: Sequence[KeptRun]) -> Collection[str]:
        """Return the ids of those runs that are actually being executed."""
        working = [each for each in kept if each.record.state is RunState.RUNNING and each.record.id not in self._taken]
        living: Collection[str] = ()
        if any(each.owner != self._opening.run_id for each in working):
            with suppress(StoreError):  # where no lock can be had nobody can write either
                living = (await self._database.beside(self._opening.living_since)).keys()
        others = (each for each in working if each.owner in living and each.owner != self._opening.run_id)
        return {*self._taken, *(each.record.id for each in others)}

    def _masked(self, record: CellRecord) -> CellRecord:
        """Return a cell with keys redacted in text from servers."""
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
    """Return a run with its actual state instead of the stored one."""
    record = kept.record
    if record.id in working:
        return msgspec.structs.replace(record, state=RunState.RUNNING)
    if record.state is not RunState.RUNNING:
        return record
    return msgspec.structs.replace(record, state=RunState.STOPPED)


def _busy() -> RunBusy:
    return RunBusy(phrase("This run is already in progress."))
