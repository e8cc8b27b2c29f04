"""Answers that dead runs left streaming become interrupted, with the text that was journaled."""

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
    """How many answers became interrupted, and how many of these the search does not find, being too large."""

    answers: int = 0
    unindexed: int = 0


def recover(sql: Sql, living: frozenset[str]) -> Recovered:
    """Mark the answers of runs that do not live, each in a transaction: one that fails holds up none of the others."""
    streaming = sql.rows("SELECT seq, CAST(run AS BLOB) FROM messages WHERE status = ?", (Status.STREAMING,))
    found = [int(seq) for seq, run in streaming if (run or b"").decode(errors="replace") not in living]
    return Recovered(len(found), sum(not _interrupt(sql, seq) for seq in found))


def _interrupt(sql: Sql, seq: int) -> bool:
    """Mark one answer; whether the search finds it. What cannot even be put together stays in the journal."""
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
    """Whether it holds for all answers, and not for one alone that is too large or not as it should be."""
    known = isinstance(error, apsw.Error) and sqlite_faults.of_sqlite(error, Path()) is not None
    return known or isinstance(error, OSError)


def _mark(sql: Sql, seq: int) -> None:
    sql.run("UPDATE messages SET status = ?, run = NULL WHERE seq = ?", (Status.INTERRUPTED, seq))


def _keep_indexed(sql: Sql, seq: int) -> None:
    _keep(sql, seq, indexed=True)


def _keep(sql: Sql, seq: int, *, indexed: bool = False) -> None:
    """Put what was journaled in its place, with or without its words for the search."""
    deltas = sql.rows("SELECT kind, text FROM journal WHERE message = ? ORDER BY seq", (seq,))
    (parts,) = sql.rows("SELECT parts FROM messages WHERE seq = ?", (seq,))[0]
    kept = row_mapping.merged(row_mapping.parts(parts), deltas)
    sql.run(
        "UPDATE messages SET status = ?, run = NULL, parts = ?, words = ? WHERE seq = ?",
        (Status.INTERRUPTED, row_mapping.to_json(kept), row_mapping.searchable(kept) if indexed else "", seq),
    )
    sql.run("DELETE FROM journal WHERE message = ?", (seq,))
