"""Answers that dead runs left streaming become interrupted, with the text that was journaled."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from desktop.domain import Status
from desktop.log import logger
from desktop.store import row_mapping
from desktop.store.sqlite.sql import Sql

_TOO_LARGE = (apsw.NoMemError, apsw.TooBigError)
"""What of SQLite's errors one message alone may end in: it is too large."""

_log = logger("store")


class Recovered(NamedTuple):
    """How many answers became interrupted, and how many of these the search does not find, being too large."""

    answers: int = 0
    unindexed: int = 0


def recover(sql: Sql, living: frozenset[str]) -> Recovered:
    """Mark the answers of runs that do not live, each in a transaction: one that fails holds up none of the others."""
    streaming = sql.rows("SELECT seq, run FROM messages WHERE status = ?", (Status.STREAMING,))
    found = [int(seq) for seq, run in streaming if run not in living]
    return Recovered(len(found), sum(not _interrupt(sql, seq) for seq in found))


def _interrupt(sql: Sql, seq: int) -> bool:
    """Mark one answer; whether the search finds it. What cannot even be put together stays in the journal."""
    for keep in (_keep_indexed, _keep):
        try:
            with sql.transaction():
                keep(sql, seq)
        except (apsw.Error, OSError) as error:
            if not isinstance(error, _TOO_LARGE):
                raise  # the disk's: it holds for all of them
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one answer keeps nobody from the others
            _log.warning("an answer that broke off is not recovered by %s: %s", keep.__name__, type(error).__name__)
        else:
            return keep is _keep_indexed
    with sql.transaction():
        sql.run("UPDATE messages SET status = ?, run = NULL WHERE seq = ?", (Status.INTERRUPTED, seq))
    return False


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
