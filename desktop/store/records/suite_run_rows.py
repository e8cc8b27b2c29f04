"""Rows of suite runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.suite_cells import LONGEST_NAME, CellStatus, RunKind, RunProgress, RunRecord, RunState
from desktop.errors import RunAmbiguous, RunUnknown, StoreError
from desktop.store.migrations import WITH_RUNS, version
from desktop.store.records import batch_job_rows, index_text, judge_verdict_rows, row_mapping
from desktop.store.records.row_numbers import counted
from desktop.store.sqlite.sql import Cell, Sql
from desktop.text.phrases import bounded, phrase

MOST_CELLS = 10_000_000
"""Maximum cells of a run, since an untrusted file may claim any number."""

_COLUMNS = "id, name, state, owner, created_at, updated_at, spent, cap, facts"
_COUNTS = ("passed", "failed", "ungraded", "errors")
STATUSES = dict(
    zip((CellStatus.PASSED, CellStatus.FAILED, CellStatus.UNGRADED, CellStatus.ERROR), _COUNTS, strict=True)
)
_STATES = {state.value: state for state in RunState}
_LAST = "\U0010ffff"
_SUITE = "INSERT INTO run_suites (seq, suite) VALUES (?, ?)"
_DAMAGED = (msgspec.MsgspecError, ValueError, RecursionError)


class RunConstants(msgspec.Struct, frozen=True, kw_only=True):
    """Data of a run that rarely changes, without its suite; `reason` is why the run stopped."""

    digest: str = ""
    cases: int = 0
    contenders: tuple[str, ...] = ()
    repeats: int = 0
    seed: int = 0
    unknown_prices: bool = False
    is_batch: bool = False
    reason: str = ""
    kind: RunKind = RunKind.SUITE
    seen_reviews: int | None = None
    tools_from: str = ""

    @property
    def cells(self) -> int:
        """Total number of cells."""
        return self.cases * len(self.contenders) * self.repeats

    @property
    def last(self) -> tuple[int, int, int]:
        """Highest indexes of case, contender and repeat."""
        return self.cases - 1, len(self.contenders) - 1, self.repeats - 1


_FACTS = msgspec.json.Decoder(RunConstants)


class KeptRun(NamedTuple):
    """A stored run: its ROWID, the process that executes it, and its record with the stored state."""

    seq: int
    owner: str | None
    record: RunRecord


class RunRows(NamedTuple):
    """Rows of a run with its cells, verdicts and jobs, to be copied into another database."""

    run: tuple[Cell, ...]
    suite: Cell
    cells: list[tuple[Cell, ...]]
    verdicts: Sequence[judge_verdict_rows.VerdictRow] = ()
    jobs: Sequence[batch_job_rows.JobRow] = ()


def is_there(sql: Sql) -> bool:
    """Whether the database has a table for runs; an older read-only database has none."""
    return version(sql) >= WITH_RUNS


def create(sql: Sql, run: RunRecord) -> None:
    """Insert a run without cells."""
    facts = RunConstants(
        digest=run.digest,
        cases=run.cases,
        contenders=run.contenders,
        repeats=run.repeats,
        seed=run.seed,
        unknown_prices=run.unknown_prices,
        is_batch=run.is_batch,
        kind=run.kind,
        tools_from=run.tools_from,
    )
    seq = sql.insert(
        "INSERT INTO suite_runs (id, name, state, created_at, updated_at, passed, failed, ungraded, errors, spent, cap,"
        " revision, facts) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, 0, ?)",
        (
            index_text.clean(run.id),
            index_text.clean(run.name),
            run.state.value,
            row_mapping.to_ms(run.created_at),
            row_mapping.to_ms(run.updated_at),
            run.spent,
            run.cap,
            row_mapping.to_json(facts),
        ),
    )
    sql.run_great(_SUITE, (seq, row_mapping.to_json(run.suite)))


def find(sql: Sql, id_or_beginning: str) -> int:
    """Return the ROWID of a run by its id or a prefix.

    Raises:
        RunUnknown: If there is no such run.
        RunAmbiguous: If several ids have the prefix.
    """
    wanted = index_text.clean(id_or_beginning)
    asked = "SELECT seq, id FROM suite_runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 2"
    found = sql.rows(asked, (wanted, wanted + _LAST)) if wanted and is_there(sql) else []
    if not found:
        raise RunUnknown(phrase("There is no run “{id}”.", id=bounded(id_or_beginning)))
    if len(found) > 1 and found[0][1] != wanted:
        raise RunAmbiguous(phrase("Several runs have IDs that begin with “{id}”.", id=bounded(id_or_beginning)))
    return int(found[0][0])


def head(sql: Sql, id_or_beginning: str) -> KeptRun:
    """Return a run without its suite.

    Raises:
        RunUnknown: If there is no such run.
        RunAmbiguous: If several ids have the prefix.
    """
    seq = find(sql, id_or_beginning)
    (row,) = sql.rows(f"SELECT {_COLUMNS} FROM suite_runs WHERE seq = ?", (seq,))  # noqa: S608
    return _kept(seq, row)


def get(sql: Sql, id_or_beginning: str) -> KeptRun:
    """Return a run with its suite.

    Raises:
        RunUnknown: If there is no such run.
        RunAmbiguous: If several ids have the prefix.
        StoreError: If the suite is damaged.
    """
    run = head(sql, id_or_beginning)
    found = sql.row("SELECT suite FROM run_suites WHERE seq = ?", (run.seq,))
    try:
        told = row_mapping.text_of(found[0] if found is not None else None)
        held: dict[str, JsonValue] = msgspec.json.decode(told, type=dict[str, JsonValue])
    except _DAMAGED:
        held = {}
    if not held or not run.record.cases:
        raise StoreError(phrase("This run is damaged: its suite could not be read."))
    return run._replace(record=msgspec.structs.replace(run.record, suite=held))


def listed(sql: Sql) -> list[KeptRun]:
    """Return all runs without their suites, newest first. Damaged ones have no cells."""
    if not is_there(sql):
        return []
    rows = sql.rows(f"SELECT seq, {_COLUMNS} FROM suite_runs ORDER BY created_at DESC, seq DESC")  # noqa: S608
    return [_kept(int(seq), row) for seq, *row in rows]


def _kept(seq: int, row: Sequence[Cell]) -> KeptRun:
    id_, name, state, owner, created_at, updated_at, spent, cap, facts = row
    constants = facts_of(facts)
    record = RunRecord(
        id=row_mapping.text_of(id_),
        name=bounded(row_mapping.text_of(name)),
        state=_STATES.get(row_mapping.text_of(state), RunState.STOPPED),
        created_at=row_mapping.from_ms(created_at),
        updated_at=row_mapping.from_ms(updated_at),
        suite={},
        digest=constants.digest,
        cases=constants.cases,
        contenders=tuple(name[:LONGEST_NAME] for name in constants.contenders),
        repeats=constants.repeats,
        seed=constants.seed,
        cap=None if cap is None else _dollars(cap),
        spent=_dollars(spent),
        unknown_prices=constants.unknown_prices,
        is_batch=constants.is_batch,
        reason=bounded(constants.reason),
        kind=constants.kind,
        seen_reviews=constants.seen_reviews,
        tools_from=constants.tools_from,
    )
    return KeptRun(seq, None if owner is None else row_mapping.text_of(owner), record)


def facts(sql: Sql, seq: int) -> RunConstants:
    """Return the constants of a run."""
    found = sql.row("SELECT facts FROM suite_runs WHERE seq = ?", (seq,))
    return facts_of(found[0] if found is not None else None)


def facts_of(cell: Cell) -> RunConstants:
    """Decode the constants of a run; without cells if they are damaged or too many."""
    try:
        facts = _FACTS.decode(row_mapping.text_of(cell))
    except _DAMAGED:
        return RunConstants()
    return facts if min(facts.last) >= 0 and facts.cells <= MOST_CELLS else RunConstants()


def _dollars(cell: Cell) -> float:
    return max(float(cell), 0.0) if isinstance(cell, (int, float)) and isfinite(cell) else 0.0


def progress(sql: Sql, seq: int, state: RunState) -> RunProgress:
    """Return a run's progress from its stored counts."""
    counts = ", ".join(_COUNTS)
    ((spent, cap, revision, facts, *found),) = sql.rows(
        f"SELECT spent, cap, revision, facts, {counts} FROM suite_runs WHERE seq = ?",  # noqa: S608
        (seq,),
    )
    passed, failed, ungraded, errors = map(row_mapping.number_of, found)
    return RunProgress(
        state=state,
        cells=facts_of(facts).cells,
        asked=passed + failed + ungraded + errors,
        passed=passed,
        failed=failed,
        ungraded=ungraded,
        errors=errors,
        spent=_dollars(spent),
        cap=None if cap is None else _dollars(cap),
        revision=row_mapping.number_of(revision),
    )


def set_state(sql: Sql, seq: int, state: RunState, owner: str | None, at_ms: int) -> None:
    """Set the state of a run and the process that executes it."""
    values = (state.value, owner, at_ms, seq)
    sql.run("UPDATE suite_runs SET state = ?, owner = ?, updated_at = ? WHERE seq = ?", values)


def count_anew(sql: Sql) -> None:
    """Recount the cells of all runs, because the counts in untrusted files may be wrong."""
    of_status = "(SELECT count(*) FROM run_cells WHERE suite_run = suite_runs.seq AND status = '{}')"
    told = ", ".join(f"{name} = {of_status.format(status.value)}" for status, name in STATUSES.items())
    sql.run(f"UPDATE suite_runs SET {counted('revision')}, {told}")  # noqa: S608


_RUN = "id, name, state, created_at, updated_at, passed, failed, ungraded, errors, spent, cap, revision, facts"
_CELL = "case_number, contender, repeat, status, reviewed, at, head"


def read_whole(sql: Sql) -> list[RunRows]:
    """Return all runs with their cells as rows."""
    cells = f"SELECT {_CELL}, state, receipt FROM run_cells LEFT JOIN cell_answers USING (seq) WHERE suite_run = ?"  # noqa: S608
    suites = dict(sql.rows("SELECT seq, suite FROM run_suites"))
    return [
        RunRows(
            tuple(run),
            suites.get(seq),
            sql.rows(cells, (seq,)),
            judge_verdict_rows.read_whole(sql, seq),
            batch_job_rows.read_whole(sql, seq),
        )
        for seq, *run in sql.rows(f"SELECT seq, {_RUN} FROM suite_runs ORDER BY seq")  # noqa: S608
    ]


def add(sql: Sql, rows: RunRows) -> bool:
    """Insert a run from another database at no cost, unless its id exists. Return whether it was inserted."""
    places = ", ".join("?" * len(rows.run))
    sql.run(f"INSERT INTO suite_runs ({_RUN}) VALUES ({places}) ON CONFLICT (id) DO NOTHING", rows.run)  # noqa: S608
    if not sql.connection.changes():
        return False
    seq = sql.connection.last_insert_rowid()
    if rows.suite is not None:
        sql.run_great(_SUITE, (seq, rows.suite))
    for *cell, state, receipt in rows.cells:
        number = sql.insert(
            f"INSERT INTO run_cells (suite_run, cost, {_CELL}) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (seq, *cell),
        )
        if state is not None:
            sql.run_great("INSERT INTO cell_answers (seq, state, receipt) VALUES (?, ?, ?)", (number, state, receipt))
    judge_verdict_rows.add(sql, seq, rows.verdicts)
    batch_job_rows.add(sql, seq, rows.jobs)
    return True
