"""Response times and costs, read without the texts of messages."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desktop.domain.answer_timing import AnswerTiming, CostSlice
from desktop.domain.conversation_types import ModelRef
from desktop.domain.routers import answering_model, is_router
from desktop.store import costs
from desktop.store.migrations import WITH_TIMINGS, version
from desktop.store.migrations.m009_timings import TIMED, TIMING
from desktop.store.records import row_mapping
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Cell, Sql

_READ = (
    "SELECT {selected} FROM messages {index} WHERE {timed} AND created_at BETWEEN ? AND ?"
    " AND conversation NOT IN (SELECT seq FROM conversations WHERE trashed_at IS NOT NULL)"
)
_ALL = f"'[' || group_concat({TIMING}) || ']'"
_DECODER = msgspec.json.Decoder(AnswerTiming)  # made once: it costs more than what it reads
_ALL_DECODER = msgspec.json.Decoder(list[AnswerTiming])


class Timings:
    """Response times and costs stored in one database. Methods may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, at: datetime | None = None) -> list[AnswerTiming]:
        """Return the times of all responses measured here since a time, oldest first.

        Where a router chose the model, the times are those of the model that the server named. Includes conversations
        in the trash.
        """
        ms = row_mapping.FIRST_MS if at is None else row_mapping.to_ms(at)
        return await self._database.read(lambda sql: _read(sql, ms))

    async def costs(self, at: datetime | None = None) -> list[CostSlice]:
        """Return what responses and runs cost here since a time, by model and quarter of an hour."""
        ms = row_mapping.FIRST_MS if at is None else row_mapping.to_ms(at)
        return await self._database.read(lambda sql: costs.slices_since(sql, ms))


def _read(sql: Sql, ms: int) -> list[AnswerTiming]:
    """Read all timings, and for routers which models answered, which the index does not contain."""
    found = _read_requested(sql, ms)
    routers = {name for name in {timing.name for timing in found} if name and is_router(name)}
    if not routers:
        return found
    query = _READ.format(selected=f"{TIMING}, json_extract(facts, '$.figures.server_model')", index="", timed=TIMED)
    rows = sql.rows(
        f"{query} AND json_extract(facts, '$.model.name') IN (SELECT value FROM json_each(?))",  # noqa: S608
        (ms, row_mapping.LAST_MS, row_mapping.to_json(sorted(routers))),
    )
    chosen = [_chosen(timing, served) for cell, served in rows if (timing := _decoded(cell)) is not None]
    others = (timing for timing in found if timing.name not in routers)
    return sorted((*others, *chosen), key=lambda timing: timing.at)


def _chosen(timing: AnswerTiming, served: Cell) -> AnswerTiming:
    requested = ModelRef(connection=timing.connection or "", name=timing.name or "")
    answered = answering_model(requested, served if isinstance(served, str) else None)
    return msgspec.structs.replace(timing, name=answered.name or None)


def _read_requested(sql: Sql, ms: int) -> list[AnswerTiming]:
    """Read all timings as one JSON text, which is twice as fast, or row by row if a row is damaged."""
    index = "INDEXED BY messages_timed" if version(sql) >= WITH_TIMINGS else ""
    ((whole,),) = sql.rows(_READ.format(selected=_ALL, index=index, timed=TIMED), (ms, row_mapping.LAST_MS))
    try:
        return _ALL_DECODER.decode(whole) if whole else []
    except (msgspec.DecodeError, UnicodeEncodeError):
        rows = sql.rows(_READ.format(selected=TIMING, index=index, timed=TIMED), (ms, row_mapping.LAST_MS))
        return [timing for (cell,) in rows if (timing := _decoded(cell)) is not None]


def _decoded(cell: Cell) -> AnswerTiming | None:
    """Decode a timing, or return None if it is damaged."""
    try:
        return _DECODER.decode(cell) if isinstance(cell, str) else None
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
