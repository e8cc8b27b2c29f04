"""Renews search words written by an earlier version, in slices, newest first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from desktop.domain.conversation_types import Status
from desktop.store import purge
from desktop.store.migrations import WITH_INDEX_RENEWAL, version
from desktop.store.records import index_text, row_mapping, row_numbers
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_SLICE_S = 0.03
"""Duration in seconds of a slice, and of the pause after it."""

_MOST = 500
"""Maximum number of rows per slice."""


@dataclass(frozen=True)
class _Kind:
    """A table whose rows have search words, and the column from which these are derived."""

    table: str
    position: str
    column: str
    words: Callable[[str], str]


def _of_message(parts: str) -> str:
    return row_mapping.searchable(row_mapping.readable(parts))


_KINDS = (
    _Kind("conversations", "conversation", "title", index_text.indexed),
    _Kind("messages", "message", "parts", _of_message),
)


class RenewalState(msgspec.Struct, frozen=True):
    """Approximate numbers of messages and titles: those with outdated search words, and all."""

    left: int
    total: int

    @property
    def percent(self) -> int:
        """Progress in percent; 100 only when complete."""
        return 100 if not self.left else min(99, 100 * (self.total - self.left) // max(1, self.total))


class IndexRenewal:
    """Renewal of the search words in one open database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self) -> RenewalState:
        """Return the progress of the renewal.

        Raises:
            StoreError: If the database fails.
        """
        return await self._database.read(_state)

    async def run(self, progress: Callable[[RenewalState], None] = lambda _state: None) -> None:
        """Renew all outdated words, unless the database is read-only. Stops early when the store closes.

        Raises:
            StoreError: If the database fails.
        """
        if self._database.read_only:
            return
        state = await self.state()
        while state.left:
            progress(state)
            if self._database.is_ending():
                return
            began = time.monotonic()
            state = await self._database.write(_slice, durable=False)
            await asyncio.sleep(min(_SLICE_S, time.monotonic() - began))
        if not self._database.is_ending():
            await purge.finish(self._database)
            progress(state)


def is_finished(sql: Sql) -> bool:
    """Whether all search words are current."""
    return version(sql) >= WITH_INDEX_RENEWAL and not _state(sql).left


def _state(sql: Sql) -> RenewalState:
    if version(sql) < WITH_INDEX_RENEWAL:
        return RenewalState(0, 0)
    positions = _positions(sql)
    left = sum(max(0, positions[kind.position] - 1) for kind in _KINDS)
    return RenewalState(left, max(left, sum(_last(sql, kind) for kind in _KINDS)))


def _last(sql: Sql, kind: _Kind) -> int:
    last = sql.integer(f"SELECT coalesce(max(seq), 0) FROM {kind.table}") or 0  # noqa: S608 - of constants
    return min(last, row_numbers.LAST)  # of a damaged row it may be any


def _positions(sql: Sql) -> dict[str, int]:
    """Return the ROWID of the first row with current words, by kind."""
    noted, *places = sql.row("SELECT version, conversation, message FROM index_renewal") or (None,)
    found = {kind.position: place for kind, place in zip(_KINDS, places, strict=False) if isinstance(place, int)}
    if noted == index_text.VERSION and len(found) == len(_KINDS):
        return found
    return {kind.position: _last(sql, kind) + 1 for kind in _KINDS}


def _slice(sql: Sql) -> RenewalState:
    """Renew some rows, store the progress and return it."""
    positions = _positions(sql)
    until = time.monotonic() + _SLICE_S
    for kind in _KINDS:
        if positions[kind.position] > 1:
            positions[kind.position] = _renew(sql, kind, positions[kind.position], until)
            break
    sql.run("DELETE FROM index_renewal")
    sql.run(
        "INSERT INTO index_renewal (version, conversation, message) VALUES (?, ?, ?)",
        (index_text.VERSION, positions["conversation"], positions["message"]),
    )
    return _state(sql)


def _renew(sql: Sql, kind: _Kind, below: int, until: float) -> int:
    """Renew rows below a ROWID while time remains. Return the lowest renewed ROWID."""
    unfinished = f" AND status <> '{Status.STREAMING}'" if kind.table == "messages" else ""
    seqs = sql.rows(
        f"SELECT seq FROM {kind.table} WHERE seq < ?{unfinished} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - of constants
        (below, _MOST),
    )
    for (seq,) in seqs:
        _renew_row(sql, kind, seq)
        if time.monotonic() > until:
            return seq
    return seqs[-1][0] if len(seqs) == _MOST else 1


def _renew_row(sql: Sql, kind: _Kind, seq: int) -> None:
    """Renew one row. Rows are renewed one at a time, because each may have megabytes."""
    statement = f"SELECT CAST({kind.column} AS TEXT), words FROM {kind.table} WHERE seq = ?"  # noqa: S608 - of constants
    for held, words in sql.rows(statement, (seq,)):
        renewed = kind.words(held)
        if renewed != words:
            if not purge.is_merge_due(sql):
                purge.forget_securely(sql, on=False)
            sql.run_great(f"UPDATE {kind.table} SET words = ? WHERE seq = ?", (renewed, seq))  # noqa: S608
