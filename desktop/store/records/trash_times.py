"""When things were moved to the trash, as far as a clock can be believed: it may have been years behind."""

from __future__ import annotations

from typing import Literal

from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql

_Table = Literal["conversations", "comparisons"]
_BEHIND = """
SELECT seq FROM (
    SELECT seq, trashed_at, iif(updated_at <= ?1, updated_at, 0) AS said,
        ifnull(max(iif(created_at <= ?1, created_at, 0)) OVER (ORDER BY seq), 0) AS begun
    FROM {table}
) WHERE trashed_at < ?2 AND trashed_at < max(said, begun)
"""
"""Nothing is thrown away before what was last said in it, or before what was begun before it, unless that has a time
that is still to come."""


async def trashed_before(database: Database, table: _Table, before_ms: int, now_ms: int) -> tuple[str, ...]:
    """The ids of what was moved to the trash before a time, in the order that it was kept. Raises StoreError's tree.

    Where that time is past, what the clock was behind for is taken to have been moved there now: its term begins anew,
    instead of being over as soon as the clock is right.
    """

    def look(sql: Sql) -> tuple[tuple[str, ...], bool]:
        """What is due, and whether some of it has a time that cannot be."""
        due = sql.rows(f"SELECT id FROM {table} WHERE trashed_at < ? ORDER BY seq", (before_ms,))  # noqa: S608
        behind = sql.row(f"{_BEHIND.format(table=table)} LIMIT 1", (now_ms, before_ms)) if due else None
        return tuple(id_ for (id_,) in due), behind is not None

    def put_right(sql: Sql) -> tuple[str, ...]:
        """In one transaction; what is due then."""
        behind = _BEHIND.format(table=table)
        sql.run(f"UPDATE {table} SET trashed_at = ?1 WHERE seq IN ({behind})", (now_ms, before_ms))  # noqa: S608 - of constants
        return look(sql)[0]

    due, is_behind = await database.read(look)
    return await database.write(put_right) if is_behind and before_ms <= now_ms else due
