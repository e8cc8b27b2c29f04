"""Rows of judges' verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.domain.suite_cells import PairVerdict
from desktop.store.migrations import WITH_JUDGE_VERDICTS, version
from desktop.store.records import row_mapping
from desktop.store.records.row_numbers import counted
from desktop.store.sqlite.sql import Cell, Sql

_KEY = "suite_run, judge, case_number, repeat, first, second"
_CARRIED = "judge, case_number, repeat, first, second, at, is_problem, state"
_VERDICT = msgspec.json.Decoder(PairVerdict)

VerdictRow = tuple[Cell, ...]
"""A verdict's row without its ROWID, run and cost, to be copied into another database."""


def is_there(sql: Sql) -> bool:
    """Whether the database has a table for verdicts; an older read-only database has none."""
    return version(sql) >= WITH_JUDGE_VERDICTS


def keep(sql: Sql, seq: int, verdict: PairVerdict, *, at_ms: int) -> None:
    """Insert or replace a verdict, and add its cost to the run."""
    spent = max(verdict.cost or 0.0, 0.0)
    values = (seq, verdict.judge, verdict.case, verdict.repeat, verdict.a, verdict.b)
    state = row_mapping.to_json(verdict)
    sql.run(
        f"INSERT INTO judge_verdicts ({_KEY}, at, cost, is_problem, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        f" ON CONFLICT ({_KEY}) DO UPDATE SET at = excluded.at, cost = cost + excluded.cost,"
        " is_problem = excluded.is_problem, state = excluded.state",
        (*values, at_ms, spent, int(verdict.winner is None), state),
    )
    sql.run(
        f"UPDATE suite_runs SET spent = spent + ?, {counted('revision')}, updated_at = ? WHERE seq = ?",  # noqa: S608
        (spent, at_ms, seq),
    )


def listed(sql: Sql, seq: int) -> list[PairVerdict]:
    """Return all verdicts of a run in case order. Damaged ones are omitted."""
    if not is_there(sql):
        return []
    found = sql.rows(
        "SELECT state FROM judge_verdicts WHERE suite_run = ? ORDER BY case_number, repeat, first, second, seq", (seq,)
    )
    return [verdict for (state,) in found if (verdict := _decoded(state)) is not None]


def _decoded(state: Cell) -> PairVerdict | None:
    try:
        return _VERDICT.decode(row_mapping.text_of(state))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def forget_problems(sql: Sql, seq: int) -> int:
    """Delete failed verdicts, so that they are requested again, and return their number. Their cost still counts."""
    sql.run("DELETE FROM judge_verdicts WHERE suite_run = ? AND is_problem = 1", (seq,))
    return sql.connection.changes()


def forget(sql: Sql, seq: int, verdict: PairVerdict) -> None:
    """Delete a verdict, so that the pair can be judged again."""
    key = " AND ".join(f"{column} = ?" for column in _KEY.split(", "))
    values = (seq, verdict.judge, verdict.case, verdict.repeat, verdict.a, verdict.b)
    sql.run(f"DELETE FROM judge_verdicts WHERE {key}", values)  # noqa: S608


def spent_since(sql: Sql, at_ms: int) -> float:
    """Return the cost in US dollars of verdicts stored here since a time."""
    if not is_there(sql):
        return 0.0
    found = sql.row("SELECT sum(max(cost, 0)) FROM judge_verdicts WHERE at >= ?", (at_ms,))
    return float(found[0] or 0.0) if found else 0.0


def read_whole(sql: Sql, seq: int) -> list[VerdictRow]:
    """Return all verdicts of a run as rows."""
    return sql.rows(f"SELECT {_CARRIED} FROM judge_verdicts WHERE suite_run = ? ORDER BY seq", (seq,))  # noqa: S608


def add(sql: Sql, seq: int, rows: Sequence[VerdictRow]) -> None:
    """Insert a run's verdicts from another database, at no cost."""
    for row in rows:
        sql.run(
            f"INSERT INTO judge_verdicts (suite_run, cost, {_CARRIED}) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (seq, *row),
        )
