"""Rows for the jobs of Batch APIs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from desktop.domain.conversation_types import Value, Wire
from desktop.domain.suite_cells import CellKey
from desktop.store.migrations import WITH_BATCH_JOBS, version
from desktop.store.records import row_mapping
from desktop.store.sqlite.sql import Cell, Sql

_CELLS = msgspec.json.Decoder(list[CellKey])
_DAMAGED = (msgspec.MsgspecError, ValueError, RecursionError)
_CARRIED = "number, cells, state"

JobRow = tuple[Cell, ...]
"""A job's row without its ROWID and run, to be copied into another database."""


class BatchStep(StrEnum):
    """Progress of a job. Each step is stored before it starts or after it is done, as its name says."""

    PLANNED = "planned"  # nothing was sent
    UPLOADING = "uploading"  # its file may be on the server, under its name
    UPLOADED = "uploaded"  # its file is
    BEGINNING = "beginning"  # the server may have a batch of its file
    BEGUN = "begun"  # the server has one
    ENDED = "ended"  # the server is done with it; its results are to be taken
    TAKEN = "taken"  # they are; its files are to be deleted
    CLEARED = "cleared"  # nothing of it is left to do


class BatchJob(Value, frozen=True, kw_only=True):
    """One file of requests for one deployment and API format.

    `name` is the unique file name; `endpoint` is the route of all its lines.
    """

    number: int
    name: str
    connection: str
    model: str
    wire: Wire
    endpoint: str
    origin: str = ""
    step: BatchStep = BatchStep.PLANNED
    file_id: str = ""
    batch_id: str = ""
    status: str = ""
    output_file_id: str = ""
    error_file_id: str = ""
    problem: str = ""
    done: int = 0
    failed: int = 0
    looks: int = 0
    is_cancelled: bool = False

    @property
    def is_open(self) -> bool:
        """Whether responses for its cells may still arrive."""
        return self.step not in (BatchStep.TAKEN, BatchStep.CLEARED)


_JOB = msgspec.json.Decoder(BatchJob)


def is_there(sql: Sql) -> bool:
    """Whether the database has a table for jobs; an older read-only database has none."""
    return version(sql) >= WITH_BATCH_JOBS


def add_planned(sql: Sql, seq: int, job: BatchJob, cells: Sequence[CellKey]) -> None:
    """Insert a new job of a run."""
    sql.run_great(
        "INSERT INTO batch_jobs (suite_run, number, cells, state) VALUES (?, ?, ?, ?)",
        (seq, job.number, row_mapping.to_json(list(cells)), row_mapping.to_json(job)),
    )


def keep(sql: Sql, seq: int, job: BatchJob) -> None:
    """Update a job."""
    sql.run(
        "UPDATE batch_jobs SET state = ? WHERE suite_run = ? AND number = ?",
        (row_mapping.to_json(job), seq, job.number),
    )


def listed(sql: Sql, seq: int) -> list[BatchJob]:
    """Return the jobs of a run in order. Damaged ones are omitted."""
    if not is_there(sql):
        return []
    found = sql.rows("SELECT state FROM batch_jobs WHERE suite_run = ? ORDER BY number", (seq,))
    return [job for (state,) in found if (job := _decoded(state)) is not None]


def _decoded(state: Cell) -> BatchJob | None:
    try:
        return _JOB.decode(row_mapping.text_of(state))
    except _DAMAGED:
        return None


def cells(sql: Sql, seq: int, number: int) -> list[CellKey]:
    """Return the cells in a job's file; none if the row is damaged."""
    found = sql.row("SELECT cells FROM batch_jobs WHERE suite_run = ? AND number = ?", (seq, number))
    try:
        return _CELLS.decode(row_mapping.text_of(found[0] if found is not None else None))
    except _DAMAGED:
        return []


def next_number(sql: Sql, seq: int) -> int:
    """Return the number for a run's next job."""
    return sql.integer("SELECT ifnull(max(number) + 1, 0) FROM batch_jobs WHERE suite_run = ?", (seq,)) or 0


def read_whole(sql: Sql, seq: int) -> list[JobRow]:
    """Return all jobs of a run as rows."""
    return sql.rows(f"SELECT {_CARRIED} FROM batch_jobs WHERE suite_run = ? ORDER BY seq", (seq,))  # noqa: S608


def add(sql: Sql, seq: int, rows: Sequence[JobRow]) -> None:
    """Insert the jobs of a run from another database."""
    for row in rows:
        sql.run_great(f"INSERT INTO batch_jobs (suite_run, {_CARRIED}) VALUES (?, ?, ?, ?)", (seq, *row))  # noqa: S608
