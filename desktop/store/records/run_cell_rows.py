"""Rows of the cells of runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from desktop.domain.suite_cells import AskedCells, CellFilter, CellHead, CellKey, CellRecord, CellStatus
from desktop.errors import RunUnknown
from desktop.store.records import row_mapping
from desktop.store.records.row_numbers import counted
from desktop.store.records.suite_run_rows import STATUSES, facts, is_there
from desktop.store.sqlite.sql import Cell, Sql
from desktop.text.phrases import bounded, phrase

# A reset cell has no status, but its cost still counts.
_ASKED = "suite_run = ? AND status <> ''"
_PIECE = "'{\"key\":[' || case_number || ',' || contender || ',' || repeat || '],' || substr(head, 2)"
_SPANNED = f"{_ASKED} AND case_number BETWEEN 0 AND ? AND contender BETWEEN 0 AND ? AND repeat BETWEEN 0 AND ?"
# The unary plus makes SQLite look up few cases instead of scanning
_SPANNED_AMONG = _SPANNED.replace("AND case_number", "AND +case_number")
_ORDER = "ORDER BY case_number, contender, repeat"
_AMONG = "AND case_number IN (SELECT value FROM json_each(?))"

_FILTERS = {
    CellFilter.FAILED: "status = 'failed' GROUP BY case_number",
    CellFilter.ERRORS: "status = 'error' GROUP BY case_number",
    CellFilter.UNREVIEWED: "status NOT IN ('', 'error') AND reviewed IS NULL GROUP BY case_number",
    CellFilter.DIFFERING: "status NOT IN ('', 'error') GROUP BY case_number HAVING count(DISTINCT status) > 1",
}

_HEADS = msgspec.json.Decoder(list[CellHead])
_HEAD = msgspec.json.Decoder(CellHead)
_RECORD = msgspec.json.Decoder(CellRecord)
_DAMAGED = (msgspec.MsgspecError, ValueError, RecursionError)


def keep(sql: Sql, seq: int, record: CellRecord, *, spent: float, at_ms: int, receipt: str | None = None) -> None:
    """Insert or replace a cell and update the run's counts; `spent` is added to the run's cost."""
    judged = record.judged
    head = row_mapping.to_json(_head_facts(judged.head))
    reviewed = None if record.reviewed is None else int(record.reviewed)
    before = sql.row(
        "SELECT seq, status FROM run_cells WHERE suite_run = ? AND case_number = ? AND contender = ? AND repeat = ?",
        (seq, *record.key),
    )
    if before is None:
        number = sql.insert(
            "INSERT INTO run_cells (suite_run, case_number, contender, repeat, status, reviewed, at, cost, head)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, *record.key, judged.status.value, reviewed, at_ms, spent, head),
        )
    else:
        number = int(before[0])
        sql.run(
            "UPDATE run_cells SET status = ?, reviewed = ?, at = iif(? > 0, ?, at), cost = cost + ?, head = ?"
            " WHERE seq = ?",
            (judged.status.value, reviewed, spent, at_ms, spent, head, number),
        )
    sql.run_great(
        "INSERT INTO cell_answers (seq, state, receipt) VALUES (?, ?, ?) ON CONFLICT (seq) DO UPDATE"
        " SET state = excluded.state, receipt = ifnull(excluded.receipt, receipt)",
        (number, row_mapping.to_json(record), receipt),
    )
    _count(sql, seq, before[1] if before is not None else None, judged.status, spent, at_ms)


def _count(sql: Sql, seq: int, before: Cell, after: CellStatus, spent: float, at_ms: int) -> None:
    """Update the run's counts for a cell whose status changes."""
    changes = {STATUSES[after]: 1}
    if isinstance(before, str) and (was := {str(each): name for each, name in STATUSES.items()}.get(before)):
        changes[was] = changes.get(was, 0) - 1
    told = "".join(f", {counted(name, change)}" for name, change in changes.items())
    sql.run(
        f"UPDATE suite_runs SET {counted('revision')}, spent = spent + ?, updated_at = ?{told} WHERE seq = ?",  # noqa: S608
        (spent, at_ms, seq),
    )


def _head_facts(head: CellHead) -> dict[str, Any]:
    """Return the fields of a head, without its key and unknown values."""
    held = {"status": head.status, "score": head.score, **msgspec.structs.asdict(head)}
    del held["key"]
    return {name: value for name, value in held.items() if name == "score" or value not in (None, "")}


def heads(sql: Sql, seq: int, cases: Sequence[int] | None = None) -> list[CellHead]:
    """Return the heads of executed cells in order.

    They are read as one JSON text, which is twice as fast.
    """
    where, values = _where(sql, seq, cases)
    pieces = f"SELECT {_PIECE} AS piece FROM run_cells WHERE {where} {_ORDER}"  # noqa: S608
    ((told,),) = sql.rows(f"SELECT '[' || group_concat(piece, ',') || ']' FROM ({pieces})", values)  # noqa: S608
    try:
        return _HEADS.decode(told) if told else []
    except (msgspec.DecodeError, UnicodeEncodeError, TypeError):
        rows = sql.rows(f"SELECT {_PIECE} FROM run_cells WHERE {where} {_ORDER}", values)  # noqa: S608
        return [head for (cell,) in rows if (head := _decoded_head(cell)) is not None]


def _where(sql: Sql, seq: int, cases: Sequence[int] | None) -> tuple[str, tuple[Cell, ...]]:
    """Return the SQL condition and its values for the cells of a run, optionally only of some cases."""
    held = facts(sql, seq)
    values: tuple[Cell, ...] = (seq, *held.last)
    if cases is None:
        return _SPANNED, values
    among = [number for number in cases if 0 <= number < held.cases]
    return f"{_SPANNED_AMONG} {_AMONG}", (*values, json.dumps(among))


def _decoded_head(cell: Cell) -> CellHead | None:
    try:
        return _HEAD.decode(row_mapping.text_of(cell))
    except _DAMAGED:
        return None


def asked(sql: Sql, seq: int) -> AskedCells:
    """Return which cells were executed."""
    where, values = _where(sql, seq, None)
    found = sql.rows(f"SELECT case_number, contender, repeat, status = 'error' FROM run_cells WHERE {where}", values)  # noqa: S608
    errors = frozenset(CellKey(*key) for *key, is_error in found if is_error)
    return AskedCells(frozenset(CellKey(*key) for *key, is_error in found if not is_error), errors)


def cases(sql: Sql, seq: int, wanted: CellFilter, among: Collection[int] | None) -> list[int]:
    """Return the cases that match a filter, in order."""
    every = range(facts(sql, seq).cases)
    matching: Iterable[int] = every
    if wanted is not CellFilter.ALL:
        kept = (
            f"SELECT case_number FROM run_cells INDEXED BY run_cells_status WHERE suite_run = ? AND {_FILTERS[wanted]} "  # noqa: S608
        )
        matching = sorted(number for (number,) in sql.rows(kept, (seq,)))
    held = None if among is None else frozenset(among)
    return [number for number in matching if number in every and (held is None or number in held)]


def records(sql: Sql, seq: int, cases: Sequence[int] | None = None) -> Iterator[CellRecord]:
    """Yield complete cells in order; damaged ones without their text."""
    where, values = _where(sql, seq, cases)
    found = f"SELECT seq, {_PIECE} FROM run_cells WHERE {where} {_ORDER}"  # noqa: S608
    for number, piece in sql.rows(found, values):
        if (read := _record(sql, int(number), piece)) is not None:
            yield read.judged


def record(sql: Sql, seq: int, key: CellKey) -> CellRecord:
    """Return one cell with its grades and review.

    Raises:
        RunUnknown: If there is no such cell.
    """
    found = sql.row(
        f"SELECT seq, {_PIECE} FROM run_cells WHERE {_ASKED} AND case_number = ? AND contender = ? AND repeat = ?",  # noqa: S608
        (seq, *key),
    )
    read = _record(sql, int(found[0]), found[1]) if found is not None else None
    if read is None:
        raise RunUnknown(phrase("The run has no response for this case, contender and repeat."))
    return read


def _record(sql: Sql, number: int, piece: Cell) -> CellRecord | None:
    """Return the cell in a row. If its text is damaged, return only the data of its head, or None without one."""
    head = _decoded_head(piece)
    state = sql.row("SELECT state FROM cell_answers WHERE seq = ?", (number,))
    try:
        decoded = _RECORD.decode(row_mapping.text_of(state[0] if state else None))
    except _DAMAGED:
        if head is None:
            return None
        return CellRecord(
            key=head.key, status=head.status, score=head.score, reviewed=head.reviewed, note=bounded(head.note)
        )
    return decoded if head is None or head.key == decoded.key else msgspec.structs.replace(decoded, key=head.key)


def receipt(sql: Sql, seq: int, key: CellKey) -> str | None:
    """Return the receipt of a cell as JSON, or None."""
    found = sql.row(
        "SELECT receipt FROM cell_answers JOIN run_cells USING (seq)"
        " WHERE suite_run = ? AND case_number = ? AND contender = ? AND repeat = ?",
        (seq, *key),
    )
    return row_mapping.text_of(found[0]) or None if found is not None else None


def forget_errors(sql: Sql, seq: int) -> int:
    """Reset failed cells, so that they are executed again, and return their number. Their cost still counts."""
    errors = "SELECT seq FROM run_cells WHERE suite_run = ? AND status = 'error'"
    sql.run(f"DELETE FROM cell_answers WHERE seq IN ({errors})", (seq,))  # noqa: S608
    sql.run("UPDATE run_cells SET status = '', head = '{}' WHERE suite_run = ? AND status = 'error'", (seq,))
    count = sql.connection.changes()
    sql.run(f"UPDATE suite_runs SET errors = 0, {counted('revision')} WHERE seq = ?", (seq,))  # noqa: S608
    return count


def spent_since(sql: Sql, at_ms: int) -> float:
    """Return the cost in US dollars of cells stored here since a time."""
    if not is_there(sql):
        return 0.0
    found = sql.row("SELECT sum(max(cost, 0)) FROM run_cells WHERE at >= ?", (at_ms,))
    return float(found[0] or 0.0) if found else 0.0
