"""When things were moved to the trash, as far as a clock can be believed: it may have been years behind."""

from __future__ import annotations

from typing import Literal

from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_Table = Literal["conversations", "comparisons"]
_BEHIND = "trashed_at < ? AND trashed_at < updated_at AND updated_at <= ?"
"""Nothing is thrown away before what was last said in it, unless that has a time that is still to come."""


async def trashed_before(database: Database, table: _Table, before_ms: int, now_ms: int) -> tuple[str, ...]:
    """The ids of what was moved to the trash before a time, in the order that it was kept. Raises StoreError's tree.

    Where that time is past, what the clock was behind for is taken to have been moved there now: its term begins anew,
    instead of being over as soon as the clock is right.
    """

    def look(sql: Sql) -> tuple[tuple[str, ...], bool]:
        """What is due, and whether some of it has a time that cannot be."""
        due = sql.rows(f"SELECT id FROM {table} WHERE trashed_at < ? ORDER BY seq", (before_ms,))  # noqa: S608
        behind = sql.row(f"SELECT 1 FROM {table} WHERE {_BEHIND} LIMIT 1", (before_ms, now_ms))  # noqa: S608
        return tuple(id_ for (id_,) in due), behind is not None

    def put_right(sql: Sql) -> tuple[str, ...]:
        """In one transaction; what is due then."""
        values = (now_ms, before_ms, now_ms)
        sql.run(f"UPDATE {table} SET trashed_at = ? WHERE {_BEHIND}", values)  # noqa: S608 - of constants
        return look(sql)[0]

    due, is_behind = await database.read(look)
    return await database.write(put_right) if is_behind and before_ms <= now_ms else due
