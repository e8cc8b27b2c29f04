"""Marks streaming responses of dead processes as interrupted, and stores their journaled text."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import apsw

from desktop.domain.conversation_types import Status
from desktop.store.records import row_mapping
from desktop.store.sqlite import sqlite_faults
from desktop.store.sqlite.sql import Sql
from desktop.system.log import logger

_log = logger("store")


class Recovered(NamedTuple):
    """Number of recovered responses, and number of those too large for the search index."""

    answers: int = 0
    unindexed: int = 0


def recover(sql: Sql, living: frozenset[str]) -> Recovered:
    """Mark the streaming responses of processes that are not `living`, each in its own transaction."""
    streaming = sql.rows("SELECT seq, CAST(run AS BLOB) FROM messages WHERE status = ?", (Status.STREAMING,))
    found = [int(seq) for seq, run in streaming if (run or b"").decode(errors="replace") not in living]
    return Recovered(len(found), sum(not _interrupt(sql, seq) for seq in found))


def _interrupt(sql: Sql, seq: int) -> bool:
    """Mark one response, and return whether it can be searched. Unreadable text stays in the journal."""
    for keep in (_keep_indexed, _keep, _mark):
        try:
            with sql.transaction():
                keep(sql, seq)
        except Exception as error:  # whatever is wrong with one answer keeps nobody from the others
            is_index = isinstance(error, apsw.CorruptError) and keep is not _mark  # maybe only the search's
            if _is_of_the_disk(error) and not is_index:
                raise
            _log.warning("an answer that broke off is not recovered by %s: %s", keep.__name__, type(error).__name__)
        else:
            return keep is _keep_indexed
    return False


def _is_of_the_disk(error: Exception) -> bool:
    """Whether an error affects all responses instead of only one."""
    known = isinstance(error, apsw.Error) and sqlite_faults.of_sqlite(error, Path()) is not None
    return known or isinstance(error, OSError)


def _mark(sql: Sql, seq: int) -> None:
    sql.run("UPDATE messages SET status = ?, run = NULL WHERE seq = ?", (Status.INTERRUPTED, seq))


def _keep_indexed(sql: Sql, seq: int) -> None:
    _keep(sql, seq, indexed=True)


def _keep(sql: Sql, seq: int, *, indexed: bool = False) -> None:
    """Store journaled text as message parts and, if `indexed`, in the search index."""
    deltas = sql.rows("SELECT kind, text FROM journal WHERE message = ? ORDER BY seq", (seq,))
    (parts,) = sql.rows("SELECT parts FROM messages WHERE seq = ?", (seq,))[0]
    kept = row_mapping.merged(row_mapping.parts(parts), deltas)
    sql.run(
        "UPDATE messages SET status = ?, run = NULL, parts = ?, words = ? WHERE seq = ?",
        (Status.INTERRUPTED, row_mapping.to_json(kept), row_mapping.searchable(kept) if indexed else "", seq),
    )
    sql.run("DELETE FROM journal WHERE message = ?", (seq,))
